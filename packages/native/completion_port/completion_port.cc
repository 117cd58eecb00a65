#include "completion_port/completion_port.h"

#include <mswsock.h>
#include <uv/errno.h>

#include <cstring>

#include "winsock/errors.h"

namespace loop {

namespace {

// How long closing waits for the system to let go. It takes microseconds; a driver that never does must not hang the process,
// and its memory is then left to it.
constexpr DWORD kCloseMilliseconds = 5000;
constexpr int64_t kSliceNanoseconds = 100'000'000;

// Memory of this size is kept for the slot's next operation.
constexpr uint32_t kKeptMemory = 64 * 1024;

}  // namespace

int CompletionPort::Open() {
  if (const int error = queue_.Open(); error != 0) return error;
  afd_ = OpenAfd(queue_.port());
  return afd_ == nullptr ? LastError() : 0;
}

int CompletionPort::Associate(HANDLE handle) {
  if (queue_.port() == nullptr) return UV__EBADF;
  if (CreateIoCompletionPort(handle, queue_.port(), 0, 0) == nullptr) {
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

void CompletionPort::Wake() { queue_.Wake(); }

int CompletionPort::Wait(int64_t timeout_ns, Event*, int) {
  if (const int refused = gate_.Enter(); refused != 0) return refused == -EBUSY ? UV__EBUSY : UV__EBADF;
  const int result = queue_.Fill(timeout_ns);
  gate_.Leave();
  return result < 0 ? result : 0;
}

int CompletionPort::Collect(int64_t timeout_ns, Completion* completions) {
  if (const int refused = gate_.Enter(); refused != 0) return refused == -EBUSY ? UV__EBUSY : UV__EBADF;
  int told = queue_.Fill(timeout_ns);
  if (told > 0) {
    told = 0;
    while (const OVERLAPPED_ENTRY* packet = queue_.Next()) {
      Operation* operation = reinterpret_cast<Operation*>(packet->lpOverlapped);
      const int32_t result = Finish(operation, packet->dwNumberOfBytesTransferred);
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
  if (operation->is_pending || operation->holds || queue_.port() == nullptr) return nullptr;
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
  const bool is_read = operation->kind == Operation::Kind::kReceive || operation->kind == Operation::Kind::kRead;
  operation->holds = is_read && result > 0;
  operation->size = operation->holds ? static_cast<uint32_t>(result) : 0;
  return result;
}

int32_t CompletionPort::ResultOf(Operation* operation, uint32_t transferred) {
  const int32_t status = static_cast<int32_t>(operation->overlapped.Internal);
  const int32_t error = status >= 0 ? 0 : FromStatus(status);
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
  afd_ = nullptr;
  queue_.Close();
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
  const ULONGLONG deadline = GetTickCount64() + kCloseMilliseconds;
  for (;;) {
    // First what was taken out of the port before, and was never told.
    while (const OVERLAPPED_ENTRY* packet = queue_.Next()) {
      Operation* operation = reinterpret_cast<Operation*>(packet->lpOverlapped);
      const bool is_connection = operation->kind == Operation::Kind::kAccept;
      const int32_t result = Finish(operation, packet->dwNumberOfBytesTransferred);
      // A connection that nobody will ever own.
      if (is_connection && result >= 0) closesocket(static_cast<SOCKET>(result));
    }
    if (pending_ == 0 || GetTickCount64() >= deadline || queue_.Fill(kSliceNanoseconds) < 0) return;
  }
}

}  // namespace loop
