#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "common/poller.h"
#include "common/thread.h"
#include "posix/select_poller.h"

namespace loop {

// Watches with select(2), in a thread of its own, what a kqueue does not watch: terminals and other character devices
// that it refuses with EINVAL, named FIFOs whose last writer's close it does not report, pipes without a reader.
//
// The thread only learns that something is ready, calls `found` and sleeps until Collect; what is ready is asked for
// again on the loop's thread. A program that has no such descriptor has no such thread.
class DeviceWatcher {
 public:
  ~DeviceWatcher() { Close(); }

  // `found` is called on the thread.
  int Add(int fd, int32_t slot, int32_t generation, int32_t mask, std::function<void()> found);
  int Modify(int fd, int32_t slot, int32_t generation, int32_t mask);
  int Remove(int fd);
  // What is ready now; lets the thread wait again. A count, or -errno.
  int Collect(Event* events, int capacity);
  bool is_open() const { return is_open_; }
  // Ends the thread.
  void Close();

  // What the thread does.
  void operator()();

 private:
  int Begin(std::function<void()> found);

  SelectPoller poller_;
  Thread thread_;
  std::function<void()> found_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Read by a thread that waits for the queue.
  std::atomic<bool> is_open_{false};
  bool may_wait_ = true;
  bool quit_ = false;
};

}  // namespace loop
