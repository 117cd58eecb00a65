#include "posix/poll_poller.h"

#include <cerrno>
#include <ctime>

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1000000000;

short InterestOf(int32_t mask) { return static_cast<short>((mask & kRead ? POLLIN : 0) | (mask & kWrite ? POLLOUT : 0)); }

}  // namespace

int PollPoller::Accepts(int) const { return 0; }

int PollPoller::Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) {
  watched_ = &watched;
  entries_.clear();
  entries_.push_back({wake, POLLIN, 0});
  for (const Registration& registration : watched) {
    entries_.push_back({registration.fd, InterestOf(registration.mask), 0});
  }
  timespec limit;
  limit.tv_sec = static_cast<time_t>(timeout_ns / kNanosecondsPerSecond);
  limit.tv_nsec = static_cast<long>(timeout_ns % kNanosecondsPerSecond);
  const int count = ppoll(entries_.data(), entries_.size(), timeout_ns < 0 ? nullptr : &limit, nullptr);
  return count < 0 ? -errno : count;
}

ScanningPoller::Finding PollPoller::At(size_t index) const {
  const short happened = entries_[index + 1].revents;
  // An error or a hang-up makes both sides run, as far as they were asked for.
  const int32_t mask = (happened & ~POLLOUT ? kRead : 0) | (happened & ~POLLIN ? kWrite : 0);
  return {mask & (*watched_)[index].mask, (happened & POLLNVAL) != 0};
}

}  // namespace loop
