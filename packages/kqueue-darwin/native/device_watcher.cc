#include "device_watcher.h"

#include <utility>

namespace loop {

int DeviceWatcher::Begin(std::function<void()> found) {
  if (is_open_) return 0;
  int error = poller_.Open();
  if (error != 0) return error;
  found_ = std::move(found);
  error = thread_.Start(this);
  if (error != 0) {
    poller_.Close();
    return error;
  }
  is_open_ = true;
  return 0;
}

int DeviceWatcher::Add(int fd, int32_t slot, int32_t generation, int32_t mask, std::function<void()> found) {
  const int error = Begin(std::move(found));
  return error != 0 ? error : poller_.Add(fd, slot, generation, mask);
}

int DeviceWatcher::Modify(int fd, int32_t slot, int32_t generation, int32_t mask) {
  return poller_.Modify(fd, slot, generation, mask);
}

int DeviceWatcher::Remove(int fd) { return poller_.Remove(fd); }

int DeviceWatcher::Collect(Event* events, int capacity) {
  if (!is_open_) return 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    // It waits itself: what is ready, it will tell.
    if (may_wait_) return 0;
  }
  const int count = poller_.Wait(0, events, capacity);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    may_wait_ = true;
  }
  changed_.notify_one();
  return count;
}

void DeviceWatcher::operator()() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return may_wait_ || quit_; });
    if (quit_) return;
    lock.unlock();
    poller_.Wait(-1, nullptr, 0);
    lock.lock();
    if (quit_) return;
    may_wait_ = false;
    found_();
  }
}

void DeviceWatcher::Close() {
  if (!is_open_) return;
  is_open_ = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    quit_ = true;
  }
  changed_.notify_one();
  poller_.Wake();
  thread_.Join();
  poller_.Close();
}

}  // namespace loop
