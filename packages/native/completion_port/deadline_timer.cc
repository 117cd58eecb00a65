#include "completion_port/deadline_timer.h"

namespace loop {

namespace {

#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
constexpr DWORD CREATE_WAITABLE_TIMER_HIGH_RESOLUTION = 0x00000002;
#endif

// What makes the wait end is that it was called.
void CALLBACK Expired(void*, DWORD, DWORD) {}

}  // namespace

DeadlineTimer::~DeadlineTimer() {
  if (timer_ != nullptr) CloseHandle(timer_);
}

bool DeadlineTimer::Arm(int64_t timeout_ns) {
  if (timer_ == nullptr) {
    timer_ = CreateWaitableTimerExW(nullptr, nullptr, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    // Before Windows 10 1803 there is only the coarse one.
    if (timer_ == nullptr) timer_ = CreateWaitableTimerExW(nullptr, nullptr, 0, TIMER_ALL_ACCESS);
    if (timer_ == nullptr) return false;
  }
  LARGE_INTEGER due;
  // Negative: from now on, in units of 100 ns.
  due.QuadPart = -((timeout_ns + 99) / 100);
  return SetWaitableTimer(timer_, &due, 0, Expired, nullptr, FALSE) != 0;
}

void DeadlineTimer::Disarm() {
  // Also takes back a call that is queued already, but not made.
  CancelWaitableTimer(timer_);
}

}  // namespace loop
