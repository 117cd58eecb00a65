#pragma once

#include <cerrno>
#include <mutex>

namespace loop {

// Keeps a poller's descriptors alive while a thread waits on them. To close one under a waiting thread would let the
// kernel give its number to somebody else, and the thread would then read that.
class WaitGate {
 public:
  // 0, or -EBADF after Close, or -EBUSY while another thread waits.
  int Enter() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return -EBADF;
    if (is_waiting_) return -EBUSY;
    is_waiting_ = true;
    return 0;
  }

  // True when Close came during the wait: the waiting thread then releases the descriptors.
  bool Leave() {
    std::lock_guard<std::mutex> lock(mutex_);
    is_waiting_ = false;
    return is_closed_;
  }

  enum class Release { kNow, kAfterWait, kDone };

  // Calls `wake` under the lock when a thread waits, so that the descriptor it writes to is still there.
  template <typename Wake>
  Release Close(Wake wake) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_closed_) return Release::kDone;
    is_closed_ = true;
    if (!is_waiting_) return Release::kNow;
    wake();
    return Release::kAfterWait;
  }

  // Runs `call` unless closed; for what any thread may do at any time.
  template <typename Call>
  void WhileOpen(Call call) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!is_closed_) call();
  }

 private:
  std::mutex mutex_;
  bool is_waiting_ = false;
  bool is_closed_ = false;
};

}  // namespace loop
