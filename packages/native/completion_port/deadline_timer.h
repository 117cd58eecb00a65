#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <cstdint>

namespace loop {

// Ends an alertable wait of the thread that armed it. The timeouts of the system's waits are counted in ticks of 15.6 ms; this
// is fine to half a millisecond.
class DeadlineTimer {
 public:
  ~DeadlineTimer();

  // False where the system has none: the wait must then have a timeout of its own.
  bool Arm(int64_t timeout_ns);
  void Disarm();

 private:
  HANDLE timer_ = nullptr;
};

}  // namespace loop
