#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "common/poller.h"
#include "common/wait_gate.h"

struct epoll_event;

namespace loop {

// epoll(7), level-triggered. The kernel's set may change under a running epoll_wait, so nothing here is locked but the
// end of the poller's life.
class EpollPoller final : public Poller {
 public:
  ~EpollPoller() override { Close(); }

  int Open();
  int Add(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Modify(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Remove(int fd) override;
  int Wait(int64_t timeout_ns, Event* events, int capacity) override;
  void Wake() override;
  int Fd() const override { return is_closed_ ? -1 : epoll_; }
  int Arm(int64_t deadline_ns) override;
  void Close() override;

 private:
  // kParked: known to us but not to the kernel, which reports errors and hang-ups even to those who asked for nothing;
  // a connection whose reading is paused would keep every wait from sleeping once its peer is gone.
  enum class State : uint8_t { kUnknown, kParked, kWatched };

  // A negative descriptor becomes a number far beyond the table.
  State StateOf(int fd) const { return static_cast<size_t>(fd) < states_.size() ? states_[fd] : State::kUnknown; }
  int Control(int operation, int fd, uint32_t interest, uint64_t key);
  int Collect(int64_t timeout_ns, epoll_event* ready, int capacity);
  void Release();

  int epoll_ = -1;
  int wake_ = -1;
  // Made when first armed, perhaps while another thread waits.
  std::atomic<int> timer_{-1};
  // What the timer stands at, so that an unchanged deadline costs no system call.
  std::atomic<int64_t> deadline_ns_{-1};
  bool has_pwait2_ = true;
  // By descriptor. Only the loop's thread looks at these two.
  std::vector<State> states_;
  bool is_closed_ = false;
  WaitGate gate_;
};

}  // namespace loop
