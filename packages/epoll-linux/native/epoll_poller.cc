#include "epoll_poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "common/poller_class.h"

// The same on every architecture; C libraries older than the call (Linux 5.11) do not name it.
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1000000000;
constexpr int64_t kNanosecondsPerMillisecond = 1000000;

// The key the kernel gives back: generation in the upper half, mask and slot in the lower. The mask is there because
// errors and hang-ups arrive unasked and stand for what was asked; a table would have to be locked against Modify.
constexpr int kMaskShift = 30;
constexpr uint32_t kSlotBits = (1u << kMaskShift) - 1;

// Slots stop below these.
constexpr uint32_t kWakeSlot = kSlotBits;
constexpr uint32_t kTimerSlot = kSlotBits - 1;

uint64_t KeyOf(int32_t slot, int32_t generation, int32_t mask) {
  return static_cast<uint64_t>(static_cast<uint32_t>(generation)) << 32 | static_cast<uint32_t>(mask) << kMaskShift |
         static_cast<uint32_t>(slot);
}

constexpr uint32_t kIn = EPOLLIN;
constexpr uint32_t kOut = EPOLLOUT;

uint32_t InterestOf(int32_t mask) { return (mask & kRead ? kIn : 0) | (mask & kWrite ? kOut : 0); }

// Whatever is not plain readability makes the writer run, and the other way round: both have to meet an error.
int32_t MaskOf(uint32_t happened) {
  return (happened & ~kOut ? kRead : 0) | (happened & ~kIn ? kWrite : 0);
}

}  // namespace

int EpollPoller::Open() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return -errno;
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_ < 0) return -errno;
  return Control(EPOLL_CTL_ADD, wake_, EPOLLIN, kWakeSlot);
}

int EpollPoller::Control(int operation, int fd, uint32_t interest, uint64_t key) {
  epoll_event event = {};
  event.events = interest;
  event.data.u64 = key;
  return epoll_ctl(epoll_, operation, fd, &event) < 0 ? -errno : 0;
}

int EpollPoller::Add(int fd, int32_t slot, int32_t generation, int32_t mask) {
  if (fd < 0 || is_closed_) return -EBADF;
  if (StateOf(fd) != State::kUnknown) return -EEXIST;
  const int error = Control(EPOLL_CTL_ADD, fd, InterestOf(mask), KeyOf(slot, generation, mask));
  if (error != 0) return error;
  if (states_.size() <= static_cast<size_t>(fd)) states_.resize(fd + 1, State::kUnknown);
  if (mask == 0) Control(EPOLL_CTL_DEL, fd, 0, 0);
  states_[fd] = mask == 0 ? State::kParked : State::kWatched;
  return 0;
}

int EpollPoller::Modify(int fd, int32_t slot, int32_t generation, int32_t mask) {
  if (is_closed_) return -EBADF;
  const State state = StateOf(fd);
  if (state == State::kUnknown) return -ENOENT;
  int operation = EPOLL_CTL_MOD;
  if (mask == 0) {
    if (state == State::kParked) return 0;
    operation = EPOLL_CTL_DEL;
  } else if (state == State::kParked) {
    operation = EPOLL_CTL_ADD;
  }
  const int error = Control(operation, fd, InterestOf(mask), KeyOf(slot, generation, mask));
  if (error == 0) states_[fd] = mask == 0 ? State::kParked : State::kWatched;
  return error;
}

int EpollPoller::Remove(int fd) {
  if (is_closed_) return -EBADF;
  const State state = StateOf(fd);
  if (state == State::kUnknown) return -ENOENT;
  states_[fd] = State::kUnknown;
  const int error = state == State::kWatched ? Control(EPOLL_CTL_DEL, fd, 0, 0) : 0;
  // Closed meanwhile: the kernel has forgotten it by itself, or the number belongs to another file that it never had.
  return error == -EBADF || error == -ENOENT || error == -EPERM ? 0 : error;
}

int EpollPoller::Collect(int64_t timeout_ns, epoll_event* ready, int capacity) {
  if (timeout_ns <= 0) return epoll_wait(epoll_, ready, capacity, timeout_ns < 0 ? -1 : 0);
  if (has_pwait2_) {
    // The kernel's own type: 64 bits on every architecture, which timespec is not.
    const int64_t timeout[2] = {timeout_ns / kNanosecondsPerSecond, timeout_ns % kNanosecondsPerSecond};
    const long count = syscall(SYS_epoll_pwait2, epoll_, ready, capacity, timeout, nullptr, 0);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(count);
    has_pwait2_ = false;
  }
  // Rounded up, because a timer must not be early.
  const int64_t milliseconds = (timeout_ns - 1) / kNanosecondsPerMillisecond + 1;
  return epoll_wait(epoll_, ready, capacity, static_cast<int>(std::min<int64_t>(milliseconds, INT_MAX)));
}

int EpollPoller::Wait(int64_t timeout_ns, Event* events, int capacity) {
  const int refused = gate_.Enter();
  if (refused != 0) return refused;
  epoll_event ready[kMaxEvents];
  // The kernel wants room for one at least.
  int result = Collect(timeout_ns, ready, std::clamp(capacity, 1, kMaxEvents));
  if (result < 0) {
    result = -errno;
  } else {
    int count = 0;
    for (int index = 0; index < result; index++) {
      const uint64_t key = ready[index].data.u64;
      const uint32_t low = static_cast<uint32_t>(key);
      uint64_t ticks;
      if (low == kWakeSlot) {
        if (read(wake_, &ticks, sizeof ticks) < 0) continue;
      } else if (low == kTimerSlot) {
        // Nothing to read when it has been set anew since it went off.
        if (read(timer_, &ticks, sizeof ticks) > 0) deadline_ns_ = -1;
      } else if (count < capacity) {
        const int32_t mask = MaskOf(ready[index].events) & static_cast<int32_t>(low >> kMaskShift);
        events[count++] = {static_cast<int32_t>(low & kSlotBits), static_cast<int32_t>(key >> 32), mask};
      }
    }
    result = count;
  }
  if (gate_.Leave()) Release();
  return result;
}

void EpollPoller::Wake() {
  gate_.WhileOpen([this] { eventfd_write(wake_, 1); });
}

int EpollPoller::Arm(int64_t deadline_ns) {
  if (is_closed_) return -EBADF;
  if (deadline_ns_ == deadline_ns) return 0;
  if (timer_ < 0) {
    if (deadline_ns < 0) return 0;
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer < 0) return -errno;
    timer_ = timer;
    const int error = Control(EPOLL_CTL_ADD, timer, EPOLLIN, kTimerSlot);
    if (error != 0) {
      timer_ = -1;
      close(timer);
      return error;
    }
  }
  itimerspec at = {};
  if (deadline_ns >= 0) {
    at.it_value.tv_sec = static_cast<time_t>(deadline_ns / kNanosecondsPerSecond);
    // All zeros would disarm it; one nanosecond after the boot is as much in the past.
    at.it_value.tv_nsec = std::max<long>(deadline_ns % kNanosecondsPerSecond, deadline_ns == 0 ? 1 : 0);
  }
  if (timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr) < 0) return -errno;
  deadline_ns_ = deadline_ns;
  return 0;
}

void EpollPoller::Close() {
  is_closed_ = true;
  states_.clear();
  if (gate_.Close([this] { eventfd_write(wake_, 1); }) == WaitGate::Release::kNow) Release();
}

void EpollPoller::Release() {
  for (const int fd : {timer_.exchange(-1), std::exchange(wake_, -1), std::exchange(epoll_, -1)}) {
    if (fd >= 0) close(fd);
  }
}

}  // namespace loop
