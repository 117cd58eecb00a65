#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "common/poller.h"
#include "common/wait_gate.h"
#include "device_watcher.h"

struct kevent;

namespace loop {

// kqueue(2), level-triggered. The kernel's set may change under a running kevent, so nothing here is locked but the end
// of the poller's life.
class KqueuePoller final : public Poller {
 public:
  ~KqueuePoller() override { Close(); }

  int Open();
  int Add(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Modify(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Remove(int fd) override;
  int Wait(int64_t timeout_ns, Event* events, int capacity) override;
  void Wake() override;
  int Fd() const override { return is_closed_ ? -1 : queue_; }
  int Arm(int64_t deadline_ns) override;
  void Close() override;

 private:
  // Who watches a descriptor: nobody; the queue; or select(2), for what the queue refuses or misses.
  enum class Watch : uint8_t { kNone, kQueue, kDevice };

  struct Known {
    Watch watch = Watch::kNone;
    // What the queue watches; 0 where the interest is parked.
    uint8_t mask = 0;
  };

  Known Of(int fd) const { return static_cast<size_t>(fd) < known_.size() ? known_[fd] : Known(); }
  void Set(int fd, Known known);
  // Makes the queue watch exactly `mask`, where it watches `before`; 0 or -errno, and then nothing has changed.
  int Interest(int fd, uint64_t key, int32_t before, int32_t mask);
  int AddToDevices(int fd, int32_t slot, int32_t generation, int32_t mask);
  int Report(const struct kevent* found, int found_count, Event* events, int capacity);
  void Trigger(uintptr_t ident);
  void Release();

  int queue_ = -1;
  std::atomic<int64_t> deadline_ns_{-1};
  // By descriptor. Only the loop's thread looks at these.
  std::vector<Known> known_;
  bool is_closed_ = false;
  DeviceWatcher devices_;
  WaitGate gate_;
};

}  // namespace loop
