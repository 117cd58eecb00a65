#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "common/poller.h"
#include "common/wait_gate.h"
#include "common/registrations.h"
#include "common/wake_pipe.h"

namespace loop {

// What poll(2) and select(2) share: the kernel keeps no set for them, so the set is ours, each wait hands over a copy of
// it, and a change during a wait ends the wait, for the kernel would not see it.
class ScanningPoller : public Poller {
 public:
  int Open();
  int Add(int fd, int32_t slot, int32_t generation, int32_t mask) final;
  int Modify(int fd, int32_t slot, int32_t generation, int32_t mask) final;
  int Remove(int fd) final;
  int Wait(int64_t timeout_ns, Event* events, int capacity) final;
  void Wake() final;
  int Fd() const final { return -1; }
  int Arm(int64_t) final;
  void Close() final;

 protected:
  // How a registration came out of a scan.
  struct Finding {
    int32_t mask;
    // Nothing can be learnt from this descriptor any more: it was closed.
    bool is_invalid;
  };

  // 0, or -errno for a descriptor that the mechanism cannot take beside `count` others.
  virtual int Accepts(int fd, size_t count) const = 0;
  // Whether a descriptor may only be closed when no thread asks the system about it any more: a removal then waits for that.
  virtual bool HoldsDescriptors() const { return false; }
  // Asks the kernel about `watched` and the wake pipe; a count above zero when any of them has something to say, 0 after
  // `timeout_ns` (negative: no limit), or -errno.
  virtual int Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) = 0;
  // The answers of the last scan.
  virtual Finding At(size_t index) const = 0;
  virtual bool IsWoken() const = 0;

 private:
  template <typename Change>
  int Changing(Change change);
  int Report(Event* events, int capacity);

  // Guards what the loop's thread changes while another thread waits.
  std::mutex mutex_;
  std::condition_variable scanned_;
  Registrations registrations_;
  bool is_stale_ = true;
  bool is_scanning_ = false;
  bool is_closed_ = false;

  // The waiting thread's own: what it asks the kernel about.
  std::vector<Registration> watched_;
  // Where the next report begins, so that busy descriptors do not starve those behind them.
  size_t next_ = 0;
  WakePipe wake_;
  WaitGate gate_;
};

}  // namespace loop
