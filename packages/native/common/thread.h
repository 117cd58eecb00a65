#pragma once

#include <pthread.h>

namespace loop {

// A thread of ours. Not std::thread, which throws when the system has no more threads, and the exception would end the
// process: nothing here is compiled to catch it.
class Thread {
 public:
  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // Runs `body()`, which must outlive the thread. 0, or -errno (-EAGAIN: no more threads), and then there is none.
  template <typename Body>
  int Start(Body* body) {
    const int error = pthread_create(&thread_, nullptr, Main<Body>, body);
    is_running_ = error == 0;
    return -error;
  }

  // Waits until it has ended. Idempotent.
  void Join() {
    if (!is_running_) return;
    is_running_ = false;
    pthread_join(thread_, nullptr);
  }

 private:
  template <typename Body>
  static void* Main(void* body) {
    (*static_cast<Body*>(body))();
    return nullptr;
  }

  pthread_t thread_{};
  bool is_running_ = false;
};

}  // namespace loop
