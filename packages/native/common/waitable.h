#pragma once

#include <cstdint>

namespace loop {

struct Event;

// What a thread can wait for beside the host's loop: a readiness mechanism, or a completion port.
//
// Waiting is apart from dispatching: never two Waits at once, but they may be on different threads.
class Waitable {
 public:
  virtual ~Waitable() = default;

  // Waits up to `timeout_ns` (negative: no limit). With a `capacity` of 0 it only waits: everything there is to tell is left
  // for whoever collects it. A Wake ends it early with 0, a signal with -EINTR. -EBUSY while another thread waits.
  virtual int Wait(int64_t timeout_ns, Event* events, int capacity) = 0;

  // Ends a running or the next Wait. The only member that any thread may call at any time.
  virtual void Wake() = 0;
};

}  // namespace loop
