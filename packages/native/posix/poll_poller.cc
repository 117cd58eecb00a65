#include "posix/poll_poller.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace loop {

namespace {

#ifdef __APPLE__

// macOS has no ppoll. Rounded up, because a timer must not be early.
int Poll(std::vector<pollfd>* entries, int64_t timeout_ns) {
  const int64_t milliseconds = timeout_ns <= 0 ? timeout_ns : (timeout_ns - 1) / 1000000 + 1;
  return ::poll(entries->data(), static_cast<nfds_t>(entries->size()),
                static_cast<int>(std::min<int64_t>(milliseconds, INT_MAX)));
}

#else

constexpr int64_t kNanosecondsPerSecond = 1000000000;

int Poll(std::vector<pollfd>* entries, int64_t timeout_ns) {
  timespec limit;
  limit.tv_sec = static_cast<time_t>(timeout_ns / kNanosecondsPerSecond);
  limit.tv_nsec = static_cast<long>(timeout_ns % kNanosecondsPerSecond);
  return ::ppoll(entries->data(), entries->size(), timeout_ns < 0 ? nullptr : &limit, nullptr);
}

#endif

short InterestOf(int32_t mask) { return static_cast<short>((mask & kRead ? POLLIN : 0) | (mask & kWrite ? POLLOUT : 0)); }

}  // namespace

int PollPoller::Accepts(int, size_t) const { return 0; }

int PollPoller::Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) {
  watched_ = &watched;
  entries_.clear();
  entries_.push_back({wake, POLLIN, 0});
  for (const Registration& registration : watched) {
    entries_.push_back({registration.fd, InterestOf(registration.mask), 0});
  }
  const int count = Poll(&entries_, timeout_ns);
  return count < 0 ? -errno : count;
}

ScanningPoller::Finding PollPoller::At(size_t index) const {
  const short happened = entries_[index + 1].revents;
  // An error or a hang-up makes both sides run, as far as they were asked for.
  const int32_t mask = (happened & ~POLLOUT ? kRead : 0) | (happened & ~POLLIN ? kWrite : 0);
  return {mask & (*watched_)[index].mask, (happened & POLLNVAL) != 0};
}

}  // namespace loop
