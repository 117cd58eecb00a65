#pragma once

#include <cstdint>

#include "common/waitable.h"

namespace loop {

// What a registration is known by. Descriptor numbers get reused; a slot with a generation does not.
struct Event {
  int32_t slot;
  int32_t generation;
  int32_t mask;  // kRead | kWrite
};

constexpr int32_t kRead = 1;
constexpr int32_t kWrite = 2;

// Events of one round. More would delay the host's own work and leave the cache, fewer cost a system call each.
constexpr int kMaxEvents = 64;

// A readiness mechanism: epoll, kqueue, poll, select.
//
// A driver can wait on another thread or on the host's loop. Add, Modify and
// Remove are called on the loop's thread, possibly while Wait runs on a waiting thread (never two Waits at once):
// a mechanism that cannot take a change during a wait guards its set and lets Wake end the wait.
// Results: 0 or a count; -errno for an error of the system.
class Poller : public Waitable {
 public:
  virtual int Add(int fd, int32_t slot, int32_t generation, int32_t mask) = 0;
  virtual int Modify(int fd, int32_t slot, int32_t generation, int32_t mask) = 0;
  virtual int Remove(int fd) = 0;

  // As Waitable says; writes at most `capacity` events.
  int Wait(int64_t timeout_ns, Event* events, int capacity) override = 0;

  // A descriptor that polls readable when Wait would find something (or the armed deadline passed); -1 if there is none.
  virtual int Fd() const = 0;

  // Makes Fd() readable at `deadline_ns` on CLOCK_MONOTONIC (negative: disarm), which is finer than a host's
  // millisecond timers. Wait(0) consumes it. -ENOSYS where Fd() is -1.
  virtual int Arm(int64_t deadline_ns) = 0;

  // Releases what the system holds for it; further calls give -EBADF.
  virtual void Close() = 0;
};

}  // namespace loop
