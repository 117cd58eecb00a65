#pragma once

#include <cstdint>

#include "completion_port/deadline_timer.h"

namespace loop {

// A port of the system, and what was taken out of it and not looked at yet: a thread that only waits leaves it to the loop's.
class PacketQueue {
 public:
  ~PacketQueue() { Close(); }

  // 0, or -errno.
  int Open();
  void Close();
  HANDLE port() const { return port_; }

  // Ends a running or the next Fill. Any thread may call it.
  void Wake();

  // Waits up to `timeout_ns` (negative: no limit) unless there are packets already: how many there are then, or -errno.
  int Fill(int64_t timeout_ns);
  // The next packet of an operation; null when there is none.
  const OVERLAPPED_ENTRY* Next();

 private:
  // Events of one round. More would delay the host's own work, fewer cost a system call each.
  static constexpr ULONG kMaxPackets = 64;

  HANDLE port_ = nullptr;
  DeadlineTimer timer_;
  OVERLAPPED_ENTRY packets_[kMaxPackets];
  ULONG first_ = 0;
  ULONG end_ = 0;
};

}  // namespace loop
