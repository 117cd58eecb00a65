#include "afd/afd_poller.h"

#include <cerrno>

#include "common/errors.h"
#include "winsock/errors.h"

namespace loop {

namespace {

// As for a completion port: the system lets go within microseconds, and what it keeps is left to it.
constexpr ULONGLONG kCloseMilliseconds = 5000;
constexpr int64_t kSliceNanoseconds = 100'000'000;

}  // namespace

int AfdPoller::Open() {
  if (const int error = queue_.Open(); error != 0) return error;
  afd_ = OpenAfd(queue_.port());
  return afd_ == nullptr ? LastError() : 0;
}

int AfdPoller::Begin(int fd, Watch* watch) {
  if (watch->mask == 0) return 0;
  auto poll = std::make_unique<Poll>();
  const int error = AfdPoll(afd_, SocketOf(fd), AfdEvents(watch->mask), &poll->info, &poll->overlapped);
  if (error != 0) return error == FromWindowsError(ERROR_INVALID_HANDLE) ? FromWindowsError(WSAENOTSOCK) : error;
  poll->fd = fd;
  // The system's, until its packet was read.
  watch->poll = poll.release();
  under_way_++;
  return 0;
}

void AfdPoller::Abandon(Watch* watch) {
  if (watch->poll == nullptr) return;
  watch->poll->fd = -1;
  CancelIoEx(afd_, &watch->poll->overlapped);
  watch->poll = nullptr;
}

int AfdPoller::Add(int fd, int32_t slot, int32_t generation, int32_t mask) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return ErrorResult(EBADF);
  if (watches_.count(fd) > 0) return ErrorResult(EEXIST);
  Watch watch = {slot, generation, mask, nullptr};
  const int error = Begin(fd, &watch);
  if (error == 0) watches_[fd] = watch;
  return error;
}

int AfdPoller::Modify(int fd, int32_t slot, int32_t generation, int32_t mask) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return ErrorResult(EBADF);
  const auto found = watches_.find(fd);
  if (found == watches_.end()) return ErrorResult(ENOENT);
  // Always begun anew: that the descriptor was closed, and its number given to another socket, shows only then.
  Abandon(&found->second);
  found->second = {slot, generation, mask, nullptr};
  const int error = Begin(fd, &found->second);
  if (error != 0) watches_.erase(found);
  return error;
}

int AfdPoller::Remove(int fd) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return ErrorResult(EBADF);
  const auto found = watches_.find(fd);
  if (found == watches_.end()) return ErrorResult(ENOENT);
  Abandon(&found->second);
  watches_.erase(found);
  return 0;
}

void AfdPoller::BeginAgain() {
  for (int fd : told_) {
    const auto found = watches_.find(fd);
    // Removed or begun anew by now; one that was closed is told no more.
    if (found == watches_.end() || found->second.poll != nullptr) continue;
    if (Begin(fd, &found->second) != 0) watches_.erase(found);
  }
  told_.clear();
}

bool AfdPoller::Read(const OVERLAPPED_ENTRY& packet, Event* event) {
  const std::unique_ptr<Poll> poll(reinterpret_cast<Poll*>(packet.lpOverlapped));
  under_way_--;
  if (poll->fd == -1) return false;
  const auto found = watches_.find(poll->fd);
  Watch& watch = found->second;
  watch.poll = nullptr;
  const int32_t mask = static_cast<int32_t>(poll->overlapped.Internal) < 0 ? watch.mask : AfdMask(poll->info);
  if (mask < 0) {
    // Closed while it was watched. Its number may be somebody else's by now.
    watches_.erase(found);
    return false;
  }
  told_.push_back(poll->fd);
  if ((mask & watch.mask) == 0) return false;
  *event = {watch.slot, watch.generation, mask & watch.mask};
  return true;
}

int AfdPoller::Wait(int64_t timeout_ns, Event* events, int capacity) {
  if (const int refused = gate_.Enter(); refused != 0) return ErrorResult(-refused);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    BeginAgain();
  }
  int result = queue_.Fill(timeout_ns);
  if (result > 0) {
    std::lock_guard<std::mutex> lock(mutex_);
    result = 0;
    while (result < capacity) {
      const OVERLAPPED_ENTRY* packet = queue_.Next();
      if (packet == nullptr) break;
      if (Read(*packet, &events[result])) result++;
    }
  }
  if (gate_.Leave()) Release();
  return result;
}

int AfdPoller::Arm(int64_t) { return ErrorResult(ENOSYS); }

void AfdPoller::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    for (auto& [fd, watch] : watches_) Abandon(&watch);
    watches_.clear();
  }
  if (gate_.Close([this] { Wake(); }) == WaitGate::Release::kNow) Release();
}

void AfdPoller::Release() {
  const ULONGLONG deadline = GetTickCount64() + kCloseMilliseconds;
  while (queue_.port() != nullptr) {
    while (const OVERLAPPED_ENTRY* packet = queue_.Next()) {
      delete reinterpret_cast<Poll*>(packet->lpOverlapped);
      under_way_--;
    }
    if (under_way_ == 0 || GetTickCount64() >= deadline || queue_.Fill(kSliceNanoseconds) < 0) break;
  }
  if (afd_ != nullptr) CloseHandle(afd_);
  afd_ = nullptr;
  queue_.Close();
}

}  // namespace loop
