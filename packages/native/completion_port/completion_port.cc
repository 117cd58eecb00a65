#include "completion_port/completion_port.h"

#include <mswsock.h>
#include <uv/errno.h>

#include <cstring>

#include "winsock/errors.h"

namespace loop {

namespace {

// Packets of ours that belong to no operation.
constexpr ULONG_PTR kWake = 1;

// How long closing waits for the system to let go. It takes microseconds; a driver that never does must not hang the process,
// and its memory is then left to it.
constexpr DWORD kCloseMilliseconds = 5000;
constexpr DWORD kSliceMilliseconds = 100;

// Memory of this size is kept for the slot's next operation.
constexpr uint32_t kKeptMemory = 64 * 1024;

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;

DWORD Milliseconds(int64_t timeout_ns) {
  if (timeout_ns < 0) return INFINITE;
  const int64_t rounded = (timeout_ns + kNanosecondsPerMillisecond - 1) / kNanosecondsPerMillisecond;
  return rounded >= INFINITE ? INFINITE - 1 : static_cast<DWORD>(rounded);
}

}  // namespace

int CompletionPort::Open() {
  port_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  if (port_ == nullptr) return LastError();
  afd_ = OpenAfd(port_);
  if (afd_ == nullptr) return LastError();
  return 0;
}

int CompletionPort::Associate(HANDLE handle) {
  if (port_ == nullptr) return UV__EBADF;
  if (CreateIoCompletionPort(handle, port_, 0, 0) == nullptr) {
    const DWORD error = GetLastError();
    // The system does not tell whose it is already.
    if (error == ERROR_INVALID_PARAMETER) return associated_.count(handle) > 0 ? 0 : UV__EINVAL;
    return FromWindowsError(error);
  }
  // What is done at once needs no packet, and no event of its own.
  if (!SetFileCompletionNotificationModes(handle,
                                          FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE)) {
    return LastError();
  }
  associated_.insert(handle);
  return 0;
}

void CompletionPort::Wake() { PostQueuedCompletionStatus(port_, 0, kWake, nullptr); }

int CompletionPort::Wait(int64_t timeout_ns, Event*, int) {
  if (const int refused = gate_.Enter(); refused != 0) return refused == -EBUSY ? UV__EBUSY : UV__EBADF;
  const int result = packet_count_ > 0 ? 0 : Dequeue(timeout_ns);
  gate_.Leave();
  return result < 0 ? result : 0;
}

int CompletionPort::Dequeue(int64_t timeout_ns) {
  ULONG count = 0;
  // A whole wait of the system's own would be counted in its ticks.
  const bool is_timed = timeout_ns > 0 && timer_.Arm(timeout_ns);
  const BOOL found = GetQueuedCompletionStatusEx(port_, packets_, kMaxCompletions, &count,
                                                 is_timed ? INFINITE : Milliseconds(timeout_ns), is_timed);
  const DWORD error = found ? ERROR_SUCCESS : GetLastError();
  if (is_timed) timer_.Disarm();
  first_packet_ = 0;
  packet_count_ = found ? static_cast<int>(count) : 0;
  if (found || error == WAIT_TIMEOUT || error == WAIT_IO_COMPLETION) return packet_count_;
  return FromWindowsError(error);
}

int CompletionPort::Collect(int64_t timeout_ns, Completion* completions) {
  if (const int refused = gate_.Enter(); refused != 0) return refused == -EBUSY ? UV__EBUSY : UV__EBADF;
  int told = packet_count_ > 0 ? packet_count_ : Dequeue(timeout_ns);
  if (told > 0) {
    told = 0;
    for (; packet_count_ > 0; first_packet_++, packet_count_--) {
      const OVERLAPPED_ENTRY& packet = packets_[first_packet_];
      if (packet.lpOverlapped == nullptr) continue;
      Operation* operation = reinterpret_cast<Operation*>(packet.lpOverlapped);
      const int32_t result = Finish(operation, packet.dwNumberOfBytesTransferred);
      completions[told++] = {operation->slot, operation->generation, result};
    }
  }
  gate_.Leave();
  return told;
}

Operation* CompletionPort::Prepare(Operation::Kind kind, HANDLE handle, int32_t slot, int32_t generation,
                                   uint32_t size) {
  const size_t index = static_cast<size_t>(slot);
  if (index >= operations_.size()) operations_.resize(index + 1);
  if (operations_[index] == nullptr) operations_[index] = std::make_unique<Operation>();
  Operation* operation = operations_[index].get();
  if (operation->is_pending || operation->holds || port_ == nullptr) return nullptr;
  memset(&operation->overlapped, 0, sizeof operation->overlapped);
  operation->kind = kind;
  operation->slot = slot;
  operation->generation = generation;
  operation->handle = handle;
  if (operation->capacity < size || (operation->capacity > kKeptMemory && size <= kKeptMemory)) {
    operation->memory.reset(new uint8_t[size]);
    operation->capacity = size;
  }
  operation->size = 0;
  return operation;
}

void CompletionPort::Fill(Operation* operation, const std::vector<Chunk>& chunks) {
  uint8_t* to = operation->memory.get();
  for (const Chunk& chunk : chunks) {
    memcpy(to, chunk.data, chunk.size);
    to += chunk.size;
  }
}

int32_t CompletionPort::Begun(Operation* operation, bool is_done, uint32_t error) {
  if (is_done) return Finish(operation, static_cast<uint32_t>(operation->overlapped.InternalHigh));
  // ERROR_IO_PENDING is WSA_IO_PENDING.
  if (error != ERROR_IO_PENDING) {
    operation->overlapped.Internal = 0;
    if (operation->accepted != INVALID_SOCKET) closesocket(operation->accepted);
    operation->accepted = INVALID_SOCKET;
    return FromWindowsError(error);
  }
  operation->is_pending = true;
  pending_++;
  return kPending;
}

int32_t CompletionPort::Finish(Operation* operation, uint32_t transferred) {
  if (operation->is_pending) pending_--;
  operation->is_pending = false;
  const int32_t result = ResultOf(operation, transferred);
  const bool brings = operation->kind == Operation::Kind::kReceive || operation->kind == Operation::Kind::kRead
                          ? result > 0
                          : operation->kind == Operation::Kind::kReceiveFrom && result >= 0;
  operation->holds = brings;
  operation->size = brings ? static_cast<uint32_t>(result) : 0;
  return result;
}

int32_t CompletionPort::ResultOf(Operation* operation, uint32_t transferred) {
  const int32_t status = static_cast<int32_t>(operation->overlapped.Internal);
  // Warnings, like that of a message that was longer than the memory, are no errors: what came is there.
  constexpr int32_t kBufferOverflow = static_cast<int32_t>(0x80000005);
  const int32_t error = status >= 0 || status == kBufferOverflow ? 0 : FromStatus(status);
  switch (operation->kind) {
    case Operation::Kind::kAccept:
      return FinishAccept(operation, error);
    case Operation::Kind::kConnect:
      // Before it the socket knows neither its peer nor shutdown().
      if (error == 0) {
        setsockopt(reinterpret_cast<SOCKET>(operation->handle), SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0);
      }
      return error;
    case Operation::Kind::kRead:
      // The last writer has gone.
      if (error == UV__EPIPE || error == UV__EOF) return 0;
      return error != 0 ? error : static_cast<int32_t>(transferred);
    case Operation::Kind::kPipe:
      return error;
    case Operation::Kind::kPoll:
      return PollResult(*operation, error);
    case Operation::Kind::kWait:
      if (operation->wait != nullptr) UnregisterWait(operation->wait);
      operation->wait = nullptr;
      return error;
    default:
      return error != 0 ? error : static_cast<int32_t>(transferred);
  }
}

int CompletionPort::Cancel(int32_t slot, int32_t generation) {
  const size_t index = static_cast<size_t>(slot);
  if (index >= operations_.size() || operations_[index] == nullptr) return UV__ENOENT;
  Operation* operation = operations_[index].get();
  if (!operation->is_pending || operation->generation != generation) return UV__ENOENT;
  if (operation->kind == Operation::Kind::kWait) {
    CancelWait(operation);
    return 0;
  }
  // Not found: it is on its way back already.
  CancelIoEx(operation->kind == Operation::Kind::kPoll ? afd_ : operation->handle, &operation->overlapped);
  return 0;
}

const Operation* CompletionPort::Brought(int32_t slot) const {
  const size_t index = static_cast<size_t>(slot);
  if (index >= operations_.size() || operations_[index] == nullptr) return nullptr;
  return operations_[index]->holds ? operations_[index].get() : nullptr;
}

void CompletionPort::LetGo(int32_t slot) {
  Operation* operation = operations_[static_cast<size_t>(slot)].get();
  operation->holds = false;
  if (operation->capacity <= kKeptMemory) return;
  operation->memory.reset();
  operation->capacity = 0;
}

void CompletionPort::Close() {
  const WaitGate::Release release = gate_.Close([this] { Wake(); });
  if (release == WaitGate::Release::kDone) return;
  CancelAll();
  if (afd_ != nullptr) CloseHandle(afd_);
  if (port_ != nullptr) CloseHandle(port_);
  afd_ = port_ = nullptr;
  for (std::unique_ptr<Operation>& operation : operations_) {
    if (operation == nullptr) continue;
    // The system still has it, and will write to it.
    if (operation->is_pending) static_cast<void>(operation.release());
  }
  operations_.clear();
}

void CompletionPort::CancelAll() {
  for (const std::unique_ptr<Operation>& operation : operations_) {
    if (operation != nullptr && operation->is_pending) Cancel(operation->slot, operation->generation);
  }
  // First what was taken out of the port before, and was never told.
  const ULONGLONG deadline = GetTickCount64() + kCloseMilliseconds;
  for (;;) {
    for (; packet_count_ > 0; first_packet_++, packet_count_--) {
      const OVERLAPPED_ENTRY& packet = packets_[first_packet_];
      if (packet.lpOverlapped == nullptr) continue;
      Operation* operation = reinterpret_cast<Operation*>(packet.lpOverlapped);
      const bool is_connection = operation->kind == Operation::Kind::kAccept;
      const int32_t result = Finish(operation, packet.dwNumberOfBytesTransferred);
      // A connection that nobody will ever own.
      if (is_connection && result >= 0) closesocket(static_cast<SOCKET>(result));
    }
    if (pending_ == 0 || GetTickCount64() >= deadline) return;
    if (Dequeue(kSliceMilliseconds * kNanosecondsPerMillisecond) < 0) return;
  }
}

}  // namespace loop
