// How sockets begin and end.
#include <ws2tcpip.h>

#include <memory>
#include <utility>

#include "socket_table.h"
#include "unix_address.h"

namespace afunix_shim {

namespace {

// WSASocketW, to which WSADuplicateSocketW's answer is given, tells not of which socket it is. The two are called one
// after the other on one thread.
thread_local SOCKET last_duplicated = INVALID_SOCKET;

// An error of a socket that is being made.
SOCKET Refuse(int error) {
  WSASetLastError(error);
  return INVALID_SOCKET;
}

// A new socket has the number of one that was closed elsewhere, maybe.
SOCKET Other(SOCKET socket) {
  if (socket != INVALID_SOCKET) Forget(socket);
  return socket;
}

// No socket of AF_UNIX delays what is written; TCP would, and its accepted sockets take this from the listening one.
SOCKET Ours(SOCKET socket) {
  if (socket == INVALID_SOCKET) return socket;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
  Remember(socket, {});
  return socket;
}

SOCKET Duplicated(const WSAPROTOCOL_INFOW& protocol, GROUP group, DWORD flags) {
  WSAPROTOCOL_INFOW inet = protocol;
  inet.iAddressFamily = AF_INET;
  const SOCKET socket = ::WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &inet, group, flags);
  if (socket != INVALID_SOCKET) Share(last_duplicated, socket);
  last_duplicated = INVALID_SOCKET;
  return socket;
}

}  // namespace

extern "C" SOCKET WSAAPI afunix_WSASocketW(int family, int type, int protocol, WSAPROTOCOL_INFOW* info, GROUP group,
                                           DWORD flags) {
  if (info != nullptr && info->iAddressFamily == AF_UNIX) return Duplicated(*info, group, flags);
  if (info != nullptr || family != AF_UNIX) return Other(::WSASocketW(family, type, protocol, info, group, flags));
  if (type != SOCK_STREAM) return Refuse(WSAESOCKTNOSUPPORT);
  if (protocol != 0) return Refuse(WSAEPROTONOSUPPORT);
  return Ours(::WSASocketW(AF_INET, SOCK_STREAM, 0, nullptr, group, flags));
}

extern "C" SOCKET WSAAPI afunix_socket(int family, int type, int protocol) {
  return afunix_WSASocketW(family, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED);
}

extern "C" int WSAAPI afunix_WSADuplicateSocketW(SOCKET socket, DWORD process, WSAPROTOCOL_INFOW* info) {
  const int result = ::WSADuplicateSocketW(socket, process, info);
  if (result == 0 && IsOurs(socket)) {
    info->iAddressFamily = AF_UNIX;
    last_duplicated = socket;
  }
  return result;
}

extern "C" SOCKET WSAAPI afunix_accept(SOCKET listening, sockaddr* address, int* size) {
  UnixSocket known;
  if (!Find(listening, &known)) return Other(::accept(listening, address, size));
  // Who connects has no name.
  if (address != nullptr && WriteAddress("", address, size) != 0) return INVALID_SOCKET;
  const SOCKET accepted = ::accept(listening, nullptr, nullptr);
  if (accepted != INVALID_SOCKET) Remember(accepted, {true, known.name, ""});
  return accepted;
}

extern "C" int WSAAPI afunix_closesocket(SOCKET socket) {
  // Before it is closed: afterwards the number may be another socket's. One that must first send what it has stays
  // open.
  std::shared_ptr<UnixSocket> known = Forget(socket);
  const int result = ::closesocket(socket);
  if (result != 0 && known != nullptr && WSAGetLastError() == WSAEWOULDBLOCK) {
    Restore(socket, std::move(known));
    WSASetLastError(WSAEWOULDBLOCK);
  }
  return result;
}

}  // namespace afunix_shim
