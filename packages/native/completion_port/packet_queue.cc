#include "completion_port/packet_queue.h"

#include "winsock/errors.h"

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;

DWORD Milliseconds(int64_t timeout_ns) {
  if (timeout_ns < 0) return INFINITE;
  const int64_t rounded = (timeout_ns + kNanosecondsPerMillisecond - 1) / kNanosecondsPerMillisecond;
  return rounded >= INFINITE ? INFINITE - 1 : static_cast<DWORD>(rounded);
}

}  // namespace

int PacketQueue::Open() {
  port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  return port_ == nullptr ? LastError() : 0;
}

void PacketQueue::Close() {
  if (port_ != nullptr) CloseHandle(port_);
  port_ = nullptr;
}

// Without an operation: nobody looks at it.
void PacketQueue::Wake() { PostQueuedCompletionStatus(port_, 0, 0, nullptr); }

int PacketQueue::Fill(int64_t timeout_ns) {
  if (first_ < end_) return static_cast<int>(end_ - first_);
  first_ = end_ = 0;
  ULONG count = 0;
  // The port's own timeout is counted in ticks.
  const bool is_timed = timeout_ns > 0 && timer_.Arm(timeout_ns);
  const BOOL found = GetQueuedCompletionStatusEx(port_, packets_, kMaxPackets, &count,
                                                 is_timed ? INFINITE : Milliseconds(timeout_ns), is_timed);
  const DWORD error = found ? ERROR_SUCCESS : GetLastError();
  if (is_timed) timer_.Disarm();
  if (found) end_ = count;
  if (found || error == WAIT_TIMEOUT || error == WAIT_IO_COMPLETION) return static_cast<int>(end_);
  return FromWindowsError(error);
}

const OVERLAPPED_ENTRY* PacketQueue::Next() {
  while (first_ < end_) {
    const OVERLAPPED_ENTRY* packet = &packets_[first_++];
    if (packet->lpOverlapped != nullptr) return packet;
  }
  return nullptr;
}

}  // namespace loop
