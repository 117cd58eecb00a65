// How connections begin, and files that are sent over them.
#include <uv/errno.h>
#include <ws2tcpip.h>

#include <cstring>

#include "completion_port/completion_port.h"
#include "completion_port/extension_functions.h"
#include "winsock/errors.h"
#include "winsock/socket.h"

namespace loop {

namespace {

HANDLE HandleOf(SOCKET socket) { return reinterpret_cast<HANDLE>(socket); }

// AcceptEx wants 16 bytes more than the longest address, twice.
constexpr DWORD kAddressRoom = sizeof(sockaddr_storage) + 16;

// ConnectEx takes bound sockets only. One that is bound already stays as it is.
int32_t BindAnywhere(SOCKET socket, int family) {
  sockaddr_storage anywhere;
  memset(&anywhere, 0, sizeof anywhere);
  anywhere.ss_family = static_cast<ADDRESS_FAMILY>(family);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&anywhere), UnnamedSize(family)) == 0) return 0;
  const int error = WSAGetLastError();
  return error == WSAEINVAL ? 0 : FromWindowsError(error);
}

}  // namespace

int32_t CompletionPort::Accept(SOCKET socket, int32_t slot, int32_t generation, int family) {
  const ExtensionFunctions* functions = ExtensionFunctionsOf(socket);
  if (functions == nullptr) return LastSocketError();
  Operation* operation = Prepare(Operation::Kind::kAccept, HandleOf(socket), slot, generation, 2 * kAddressRoom);
  if (operation == nullptr) return UV__EBUSY;
  operation->accepted =
      WSASocketW(family, SOCK_STREAM, 0, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (operation->accepted == INVALID_SOCKET) return LastSocketError();
  DWORD size;
  const BOOL is_done = functions->accept(socket, operation->accepted, operation->memory.get(), 0, kAddressRoom,
                                         kAddressRoom, &size, &operation->overlapped);
  return Begun(operation, is_done, is_done ? 0 : WSAGetLastError());
}

int32_t CompletionPort::FinishAccept(Operation* operation, int32_t error) {
  const SOCKET accepted = operation->accepted;
  operation->accepted = INVALID_SOCKET;
  if (error == 0) {
    const SOCKET listening = reinterpret_cast<SOCKET>(operation->handle);
    u_long on = 1;
    // Before it the socket knows neither its names nor shutdown().
    if (setsockopt(accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<const char*>(&listening),
                   sizeof listening) == 0 &&
        ioctlsocket(accepted, FIONBIO, &on) == 0) {
      return static_cast<int32_t>(accepted);
    }
    error = LastSocketError();
    // The listening socket was closed after it had accepted.
    if (error == UV__ENOTSOCK || error == UV__EBADF) error = UV__ECANCELED;
  }
  closesocket(accepted);
  return error;
}

int32_t CompletionPort::Connect(SOCKET socket, int32_t slot, int32_t generation, Chunk address) {
  const ExtensionFunctions* functions = ExtensionFunctionsOf(socket);
  if (functions == nullptr) return LastSocketError();
  Operation* operation = Prepare(Operation::Kind::kConnect, HandleOf(socket), slot, generation);
  if (operation == nullptr) return UV__EBUSY;
  sockaddr_storage to;
  memcpy(&to, address.data, address.size);
  if (const int32_t error = BindAnywhere(socket, to.ss_family); error != 0) return error;
  const BOOL is_done = functions->connect(socket, reinterpret_cast<const sockaddr*>(&to),
                                          static_cast<int>(address.size), nullptr, 0, nullptr, &operation->overlapped);
  return Begun(operation, is_done, is_done ? 0 : WSAGetLastError());
}

int32_t CompletionPort::Transmit(SOCKET socket, int32_t slot, int32_t generation, HANDLE file, uint64_t offset,
                                 uint32_t size) {
  const ExtensionFunctions* functions = ExtensionFunctionsOf(socket);
  if (functions == nullptr) return LastSocketError();
  Operation* operation = Prepare(Operation::Kind::kTransmit, HandleOf(socket), slot, generation);
  if (operation == nullptr) return UV__EBUSY;
  operation->overlapped.Offset = static_cast<DWORD>(offset);
  operation->overlapped.OffsetHigh = static_cast<DWORD>(offset >> 32);
  const BOOL is_done =
      functions->transmit_file(socket, file, size, 0, &operation->overlapped, nullptr, TF_USE_KERNEL_APC);
  return Begun(operation, is_done, is_done ? 0 : WSAGetLastError());
}

}  // namespace loop
