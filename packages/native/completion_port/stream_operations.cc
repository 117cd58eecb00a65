// Receiving and sending, over sockets and over other handles that were opened for overlapped operation.
#include "completion_port/completion_port.h"
#include "winsock/errors.h"

#include <uv/errno.h>

namespace loop {

namespace {

HANDLE HandleOf(SOCKET socket) { return reinterpret_cast<HANDLE>(socket); }

WSABUF BufferOf(const Operation& operation, uint32_t size) {
  return {size, reinterpret_cast<char*>(operation.memory.get())};
}

uint32_t SizeOf(const std::vector<Chunk>& chunks) {
  size_t size = 0;
  for (const Chunk& chunk : chunks) size += chunk.size;
  return static_cast<uint32_t>(size);
}

}  // namespace

int32_t CompletionPort::Receive(SOCKET socket, int32_t slot, int32_t generation, uint32_t size) {
  Operation* operation = Prepare(Operation::Kind::kReceive, HandleOf(socket), slot, generation, size);
  if (operation == nullptr) return UV__EBUSY;
  WSABUF buffer = BufferOf(*operation, size);
  operation->flags = 0;
  const int result = WSARecv(socket, &buffer, 1, nullptr, &operation->flags, &operation->overlapped, nullptr);
  return Begun(operation, result == 0, result == 0 ? 0 : WSAGetLastError());
}

int32_t CompletionPort::Send(SOCKET socket, int32_t slot, int32_t generation, const std::vector<Chunk>& chunks) {
  const uint32_t size = SizeOf(chunks);
  Operation* operation = Prepare(Operation::Kind::kSend, HandleOf(socket), slot, generation, size);
  if (operation == nullptr) return UV__EBUSY;
  Fill(operation, chunks);
  WSABUF buffer = BufferOf(*operation, size);
  const int result = WSASend(socket, &buffer, 1, nullptr, 0, &operation->overlapped, nullptr);
  return Begun(operation, result == 0, result == 0 ? 0 : WSAGetLastError());
}

int32_t CompletionPort::Read(HANDLE handle, int32_t slot, int32_t generation, uint32_t size) {
  Operation* operation = Prepare(Operation::Kind::kRead, handle, slot, generation, size);
  if (operation == nullptr) return UV__EBUSY;
  const BOOL is_done = ReadFile(handle, operation->memory.get(), size, nullptr, &operation->overlapped);
  const DWORD error = is_done ? ERROR_SUCCESS : GetLastError();
  if (error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF) return 0;
  return Begun(operation, is_done, error);
}

int32_t CompletionPort::Write(HANDLE handle, int32_t slot, int32_t generation, const std::vector<Chunk>& chunks) {
  const uint32_t size = SizeOf(chunks);
  Operation* operation = Prepare(Operation::Kind::kWrite, handle, slot, generation, size);
  if (operation == nullptr) return UV__EBUSY;
  Fill(operation, chunks);
  const BOOL is_done = WriteFile(handle, operation->memory.get(), size, nullptr, &operation->overlapped);
  return Begun(operation, is_done, is_done ? ERROR_SUCCESS : GetLastError());
}

int32_t CompletionPort::ConnectPipe(HANDLE handle, int32_t slot, int32_t generation) {
  Operation* operation = Prepare(Operation::Kind::kPipe, handle, slot, generation);
  if (operation == nullptr) return UV__EBUSY;
  const BOOL is_done = ConnectNamedPipe(handle, &operation->overlapped);
  const DWORD error = is_done ? ERROR_SUCCESS : GetLastError();
  // The client was quicker; no packet comes.
  if (error == ERROR_PIPE_CONNECTED) return 0;
  return Begun(operation, is_done, error);
}

}  // namespace loop
