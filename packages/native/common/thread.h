#pragma once

#ifdef _WIN32
#include <process.h>
#include <uv/errno.h>
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace loop {

// A thread of ours. Not std::thread, which throws when the system has no more threads, and the exception would end the
// process: nothing here is compiled to catch it.
class Thread {
 public:
#ifdef _WIN32
  static constexpr const char* kStartCall = "_beginthreadex";
#else
  static constexpr const char* kStartCall = "pthread_create";
#endif

  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  // Runs `body()`, which must outlive the thread. 0, or -errno (-EAGAIN: no more threads), and then there is none.
  template <typename Body>
  int Start(Body* body) {
#ifdef _WIN32
    thread_ = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, Main<Body>, body, 0, nullptr));
    is_running_ = thread_ != nullptr;
    return is_running_ ? 0 : UV__EAGAIN;
#else
    const int error = pthread_create(&thread_, nullptr, Main<Body>, body);
    is_running_ = error == 0;
    return -error;
#endif
  }

  // Waits until it has ended. Idempotent.
  void Join() {
    if (!is_running_) return;
    is_running_ = false;
#ifdef _WIN32
    WaitForSingleObject(thread_, INFINITE);
    CloseHandle(thread_);
#else
    pthread_join(thread_, nullptr);
#endif
  }

 private:
#ifdef _WIN32
  template <typename Body>
  static unsigned __stdcall Main(void* body) {
    (*static_cast<Body*>(body))();
    return 0;
  }

  HANDLE thread_ = nullptr;
#else
  template <typename Body>
  static void* Main(void* body) {
    (*static_cast<Body*>(body))();
    return nullptr;
  }

  pthread_t thread_{};
#endif
  bool is_running_ = false;
};

}  // namespace loop
