#include "common/scanning_poller.h"

#include <algorithm>
#include <cerrno>

#include "common/errors.h"

namespace loop {

int ScanningPoller::Open() {
  const int error = wake_.Open();
  return error != 0 ? error : Accepts(wake_.fd(), 0);
}

template <typename Change>
int ScanningPoller::Changing(Change change) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (is_closed_) return ErrorResult(EBADF);
  const int error = change();
  if (error != 0) return error;
  is_stale_ = true;
  if (!is_scanning_) return 0;
  Wake();
  if (HoldsDescriptors()) scanned_.wait(lock, [this] { return !is_scanning_; });
  return 0;
}

int ScanningPoller::Add(int fd, int32_t slot, int32_t generation, int32_t mask) {
  return Changing([&] {
    if (fd < 0) return ErrorResult(EBADF);
    const int error = Accepts(fd, registrations_.all().size());
    return error != 0 ? error : registrations_.Add({fd, slot, generation, mask});
  });
}

int ScanningPoller::Modify(int fd, int32_t slot, int32_t generation, int32_t mask) {
  return Changing([&] { return registrations_.Modify({fd, slot, generation, mask}); });
}

int ScanningPoller::Remove(int fd) {
  return Changing([&] { return registrations_.Remove(fd); });
}

int ScanningPoller::Wait(int64_t timeout_ns, Event* events, int capacity) {
  const int refused = gate_.Enter();
  if (refused != 0) return ErrorResult(-refused);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_stale_) {
      watched_.clear();
      // Those who ask for nothing are left out: the kernel would tell of their hang-up again and again.
      for (const Registration& registration : registrations_.all()) {
        if (registration.mask != 0) watched_.push_back(registration);
      }
    }
    is_stale_ = false;
    is_scanning_ = true;
  }
  int result = Scan(watched_, wake_.fd(), timeout_ns);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_scanning_ = false;
    if (result > 0) {
      if (IsWoken()) wake_.Drain();
      result = Report(events, capacity);
    }
  }
  scanned_.notify_all();
  if (gate_.Leave()) wake_.Close();
  return result;
}

int ScanningPoller::Report(Event* events, int capacity) {
  const size_t size = watched_.size();
  int count = 0;
  size_t step = 0;
  for (; step < size && count < capacity; step++) {
    const size_t index = (next_ + step) % size;
    const Finding found = At(index);
    if (found.mask == 0) continue;
    const Registration& watched = watched_[index];
    // Removed during the wait, and perhaps added anew: not for the next owner of the number.
    const Registration* current = registrations_.Find(watched.fd);
    if (current == nullptr || current->slot != watched.slot || current->generation != watched.generation) continue;
    const int32_t mask = found.mask & current->mask;
    if (mask == 0) continue;
    events[count++] = {watched.slot, watched.generation, mask};
    if (found.is_invalid) {
      // Told once: its owner meets the error when it reads or writes, and the loop does not spin on it.
      registrations_.Mute(watched);
      is_stale_ = true;
    }
  }
  next_ = size == 0 ? 0 : (next_ + step) % size;
  return count;
}

void ScanningPoller::Wake() {
  gate_.WhileOpen([this] { wake_.Signal(); });
}

int ScanningPoller::Arm(int64_t) { return ErrorResult(ENOSYS); }

void ScanningPoller::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_closed_ = true;
    registrations_.Clear();
    is_stale_ = true;
  }
  if (gate_.Close([this] { wake_.Signal(); }) == WaitGate::Release::kNow) wake_.Close();
}

}  // namespace loop
