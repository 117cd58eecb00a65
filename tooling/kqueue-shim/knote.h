#pragma once

#include <sys/event.h>

#include <cstdint>

namespace kqueue_shim {

// One registration of a queue: what was asked about `ident` with one filter.
struct Knote {
  uintptr_t ident = 0;
  int16_t filter = 0;
  // EV_CLEAR, EV_ONESHOT and EV_DISPATCH of the change that added it.
  uint16_t flags = 0;
  uint32_t fflags = 0;
  void* udata = nullptr;
  bool is_enabled = true;
  // EVFILT_USER: triggered and not reported yet.
  bool is_triggered = false;
  // EVFILT_TIMER: its timerfd; EVFILT_PROC: its pidfd.
  int source = -1;
};

// What stands in epoll's data: whose event it is.
struct Tag {
  int16_t filter;
  uint32_t ident;

  uint64_t Packed() const { return static_cast<uint64_t>(static_cast<uint16_t>(filter)) << 32 | ident; }
  static Tag From(uint64_t packed) {
    return {static_cast<int16_t>(packed >> 32), static_cast<uint32_t>(packed)};
  }
};

}  // namespace kqueue_shim
