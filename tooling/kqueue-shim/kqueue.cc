// The system calls of the shim, and those of the C library that the linker (--wrap) leads here first: on XNU closing a
// descriptor drops its knotes, and an anonymous pipe is on no device.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <mutex>

#include "queue.h"

using kqueue_shim::Queue;

namespace {

constexpr long kPipeFileSystem = 0x50495045;  // PIPEFS_MAGIC
constexpr int64_t kNanosecondsPerSecond = 1000000000;

std::mutex table_mutex;

// Never destroyed: threads may still wait when the process ends.
std::map<int, std::shared_ptr<Queue>>& Table() {
  static auto* table = new std::map<int, std::shared_ptr<Queue>>();
  return *table;
}

std::shared_ptr<Queue> Find(int queue) {
  std::lock_guard<std::mutex> lock(table_mutex);
  const auto found = Table().find(queue);
  return found == Table().end() ? nullptr : found->second;
}

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

// Waits until the queue has something; `deadline` of -1 for no limit. -1 with errno when interrupted.
int WaitFor(int epoll, int64_t deadline) {
  pollfd entry = {epoll, POLLIN, 0};
  if (deadline < 0) return ppoll(&entry, 1, nullptr, nullptr);
  const int64_t left = deadline - Now();
  const timespec limit = {left / kNanosecondsPerSecond, static_cast<long>(left % kNanosecondsPerSecond)};
  return left <= 0 ? 0 : ppoll(&entry, 1, &limit, nullptr);
}

// Answers of changes that failed, or that asked for one (EV_RECEIPT). -1 with errno where there is no room for an error.
int ApplyAll(Queue* queue, const struct kevent* changes, int change_count, struct kevent* events, int event_count) {
  std::lock_guard<std::mutex> lock(queue->mutex());
  int count = 0;
  for (int index = 0; index < change_count; index++) {
    const int error = -queue->Apply(changes[index]);
    if (error == 0 && !(changes[index].flags & EV_RECEIPT)) continue;
    if (count == event_count) {
      errno = error;
      return error == 0 ? count : -1;
    }
    events[count] = changes[index];
    events[count].flags |= EV_ERROR;
    events[count++].data = error;
  }
  return count;
}

}  // namespace

extern "C" {

int __real_close(int fd);
int __real_fstat(int fd, struct stat* status);

int kqueue(void) {
  // Not close-on-exec, as on XNU: that is its owner's to set.
  const int epoll = epoll_create1(0);
  if (epoll < 0) return -1;
  const auto queue = std::make_shared<Queue>(epoll);
  const int error = queue->Open();
  if (error != 0) {
    __real_close(epoll);
    errno = -error;
    return -1;
  }
  std::lock_guard<std::mutex> lock(table_mutex);
  Table()[epoll] = queue;
  return epoll;
}

int kevent(int number, const struct kevent* changes, int change_count, struct kevent* events, int event_count,
           const struct timespec* timeout) {
  const std::shared_ptr<Queue> queue = Find(number);
  if (queue == nullptr) {
    errno = EBADF;
    return -1;
  }
  const int answered = ApplyAll(queue.get(), changes, change_count, events, event_count);
  if (answered != 0 || event_count == 0) return answered;
  const int64_t deadline =
      timeout == nullptr ? -1 : Now() + timeout->tv_sec * kNanosecondsPerSecond + timeout->tv_nsec;
  for (;;) {
    int count;
    {
      std::lock_guard<std::mutex> lock(queue->mutex());
      count = queue->Collect(events, event_count);
    }
    if (count != 0) {
      errno = count < 0 ? -count : 0;
      return count < 0 ? -1 : count;
    }
    if (deadline >= 0 && Now() >= deadline) return 0;
    if (WaitFor(queue->epoll(), deadline) < 0) return -1;
  }
}

int __wrap_close(int fd) {
  std::map<int, std::shared_ptr<Queue>> queues;
  {
    std::lock_guard<std::mutex> lock(table_mutex);
    queues = Table();
    Table().erase(fd);
  }
  for (auto& [number, queue] : queues) {
    std::lock_guard<std::mutex> lock(queue->mutex());
    queue->Forget(fd);
  }
  return __real_close(fd);
}

int __wrap_fstat(int fd, struct stat* status) {
  const int result = __real_fstat(fd, status);
  struct statfs system;
  if (result == 0 && S_ISFIFO(status->st_mode) && fstatfs(fd, &system) == 0 && system.f_type == kPipeFileSystem) {
    status->st_dev = 0;
  }
  return result;
}

}  // extern "C"
