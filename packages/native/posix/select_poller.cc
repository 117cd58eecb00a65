#include "posix/select_poller.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1000000000;

}  // namespace

int SelectPoller::Accepts(int fd, size_t) const { return fd < FD_SETSIZE ? 0 : -EMFILE; }

int SelectPoller::Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) {
  fd_set reading, writing;
  FD_ZERO(&reading);
  FD_ZERO(&writing);
  FD_SET(wake, &reading);
  int highest = wake;
  for (const Registration& registration : watched) {
    if (registration.mask & kRead) FD_SET(registration.fd, &reading);
    if (registration.mask & kWrite) FD_SET(registration.fd, &writing);
    highest = std::max(highest, registration.fd);
  }
  timespec limit;
  limit.tv_sec = static_cast<time_t>(timeout_ns / kNanosecondsPerSecond);
  limit.tv_nsec = static_cast<long>(timeout_ns % kNanosecondsPerSecond);
  const int count = pselect(highest + 1, &reading, &writing, nullptr, timeout_ns < 0 ? nullptr : &limit, nullptr);
  is_woken_ = false;
  if (count < 0) return errno == EBADF ? FindClosed(watched) : -errno;
  is_woken_ = FD_ISSET(wake, &reading);
  findings_.clear();
  for (const Registration& registration : watched) {
    const int32_t mask =
        (FD_ISSET(registration.fd, &reading) ? kRead : 0) | (FD_ISSET(registration.fd, &writing) ? kWrite : 0);
    findings_.push_back({mask, false});
  }
  return count;
}

// One closed descriptor fails the call for all of them and is not named; it is reported as ready for all it asked.
int SelectPoller::FindClosed(const std::vector<Registration>& watched) {
  int count = 0;
  findings_.clear();
  for (const Registration& registration : watched) {
    const bool is_closed = fcntl(registration.fd, F_GETFD) < 0;
    findings_.push_back({is_closed ? registration.mask : 0, is_closed});
    count += is_closed;
  }
  // Opened again by another thread in between: the next wait succeeds.
  return count;
}

}  // namespace loop
