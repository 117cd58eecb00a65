// What only waits: for a socket to be ready, for a process to end.
#include <uv/errno.h>

#include "common/poller.h"
#include "completion_port/completion_port.h"
#include "winsock/errors.h"

namespace loop {

namespace {

// STATUS_CANCELLED.
constexpr ULONG_PTR kCancelled = 0xC0000120;

}  // namespace

int32_t CompletionPort::Poll(SOCKET socket, int32_t slot, int32_t generation, int32_t events) {
  Operation* operation = Prepare(Operation::Kind::kPoll, reinterpret_cast<HANDLE>(socket), slot, generation);
  if (operation == nullptr) return UV__EBUSY;
  operation->poll_events = events;
  const int error = AfdPoll(afd_, socket, AfdEvents(events), &operation->poll, &operation->overlapped);
  if (error != 0) return error == UV__EBADF ? UV__ENOTSOCK : error;
  return Begun(operation, false, ERROR_IO_PENDING);
}

int32_t CompletionPort::PollResult(const Operation& operation, int32_t error) {
  if (error != 0) return error;
  const int32_t mask = AfdMask(operation.poll);
  if (mask < 0) return UV__EBADF;
  return (mask & operation.poll_events) != 0 ? mask & operation.poll_events : operation.poll_events;
}

int32_t CompletionPort::WaitForHandle(HANDLE handle, int32_t slot, int32_t generation) {
  Operation* operation = Prepare(Operation::Kind::kWait, handle, slot, generation);
  if (operation == nullptr) return UV__EBUSY;
  operation->port = queue_.port();
  operation->is_posted = 0;
  // Counted before it begins: another thread may answer before this one goes on.
  const int32_t pending = Begun(operation, false, ERROR_IO_PENDING);
  if (RegisterWaitForSingleObject(&operation->wait, handle, Signalled, operation, INFINITE,
                                  WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE)) {
    return pending;
  }
  const int32_t error = LastError();
  operation->wait = nullptr;
  operation->is_pending = false;
  pending_--;
  return error;
}

void CALLBACK CompletionPort::Signalled(void* data, BOOLEAN) {
  Operation* operation = static_cast<Operation*>(data);
  if (InterlockedExchange(&operation->is_posted, 1) == 0) {
    PostQueuedCompletionStatus(operation->port, 0, 0, &operation->overlapped);
  }
}

void CompletionPort::CancelWait(Operation* operation) {
  const HANDLE wait = operation->wait;
  if (wait == nullptr) return;
  operation->wait = nullptr;
  // Until a callback that is being made has ended; none is made afterwards.
  UnregisterWaitEx(wait, INVALID_HANDLE_VALUE);
  if (InterlockedExchange(&operation->is_posted, 1) != 0) return;
  operation->overlapped.Internal = kCancelled;
  PostQueuedCompletionStatus(operation->port, 0, 0, &operation->overlapped);
}

}  // namespace loop
