#include "winsock/socket.h"

#include <cstring>

#include "common/address.h"
#include "winsock/socket_pair.h"

namespace loop {

SOCKET OpenSocket(int family, int type, int protocol) {
  const SOCKET socket = WSASocketW(family, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  u_long on = 1;
  if (socket == INVALID_SOCKET || ioctlsocket(socket, FIONBIO, &on) == 0) return socket;
  const int error = WSAGetLastError();
  closesocket(socket);
  WSASetLastError(error);
  return INVALID_SOCKET;
}

int UnnamedSize(int family) {
  if (family == AF_UNIX) return offsetof(sockaddr_un, sun_path);
  return family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

namespace {

napi_value Socket(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int32_t family, type, protocol;
  if (!args.Int(0, "family", &family) || !args.Int(1, "type", &type) || !args.Int(2, "proto", &protocol)) return nullptr;
  return SocketNumber(env, OpenSocket(family, type, protocol));
}

napi_value Socketpair(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int32_t family, type, protocol;
  Integers pair;
  if (!args.Int(0, "family", &family) || !args.Int(1, "type", &type) || !args.Int(2, "proto", &protocol) ||
      !args.Pair(3, &pair)) {
    return nullptr;
  }
  SOCKET sockets[2];
  const int32_t error = OpenSocketPair(family, type, protocol, sockets);
  if (error != 0) return Number(env, error);
  pair.data[0] = static_cast<int32_t>(sockets[0]);
  pair.data[1] = static_cast<int32_t>(sockets[1]);
  return Number(env, 0);
}

napi_value Bind(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  SOCKET socket;
  int error;
  SocketAddress address;
  if (!ReadSocket(args, &socket) || !PackAddress(env, args[1], args[2], &address, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  return SocketOutcome(env, ::bind(socket, address.get(), address.size));
}

napi_value Connect(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  SOCKET socket;
  int error;
  SocketAddress address;
  if (!ReadSocket(args, &socket) || !PackAddress(env, args[1], args[2], &address, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  if (::connect(socket, address.get(), address.size) == 0) return Number(env, 0);
  // Winsock's word for a connection that is being made.
  if (WSAGetLastError() == WSAEWOULDBLOCK) return Number(env, kInProgress);
  return SocketOutcome(env, SOCKET_ERROR);
}

napi_value Listen(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  SOCKET socket;
  int32_t backlog;
  if (!ReadSocket(args, &socket) || !args.Int(1, "backlog", &backlog)) return nullptr;
  return SocketOutcome(env, ::listen(socket, backlog));
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  SOCKET socket;
  if (!ReadSocket(args, &socket)) return nullptr;
  const SOCKET accepted = ::accept(socket, nullptr, nullptr);
  if (accepted != INVALID_SOCKET) {
    // It has the listening socket's mode, but not what keeps it from children.
    SetHandleInformation(reinterpret_cast<HANDLE>(accepted), HANDLE_FLAG_INHERIT, 0);
    u_long on = 1;
    ioctlsocket(accepted, FIONBIO, &on);
  }
  return SocketNumber(env, accepted);
}

napi_value Close(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  SOCKET socket;
  if (!ReadSocket(args, &socket)) return nullptr;
  return SocketOutcome(env, ::closesocket(socket));
}

napi_value Shutdown(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  SOCKET socket;
  int32_t how;
  if (!ReadSocket(args, &socket) || !args.Int(1, "how", &how)) return nullptr;
  return SocketOutcome(env, ::shutdown(socket, how));
}

napi_value Dup(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  SOCKET socket;
  WSAPROTOCOL_INFOW protocol;
  if (!ReadSocket(args, &socket)) return nullptr;
  if (WSADuplicateSocketW(socket, GetCurrentProcessId(), &protocol) == SOCKET_ERROR) {
    return SocketOutcome(env, SOCKET_ERROR);
  }
  return SocketNumber(env, WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &protocol, 0,
                                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

napi_value SetNonblocking(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  SOCKET socket;
  bool on;
  if (!ReadSocket(args, &socket) || !ReadBool(env, args[1], "on", &on)) return nullptr;
  u_long value = on ? 1 : 0;
  return SocketOutcome(env, ioctlsocket(socket, FIONBIO, &value));
}

// Windows does not tell. All of ours are non-blocking; what can be told is whether it is a socket.
napi_value IsNonblocking(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  SOCKET socket;
  if (!ReadSocket(args, &socket)) return nullptr;
  int type, size = sizeof type;
  const int result = ::getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &size);
  if (result == 0) return Number(env, 1);
  return Number(env, WSAGetLastError() == WSAENOTSOCK ? FromWindowsError(WSAEBADF) : LastSocketError());
}

using NameCall = int(WSAAPI*)(SOCKET, sockaddr*, int*);

template <NameCall call>
napi_value Name(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  SOCKET socket;
  if (!ReadSocket(args, &socket)) return nullptr;
  SocketAddress address;
  memset(&address.storage, 0, sizeof address.storage);
  int size = sizeof address.storage;
  if (call(socket, address.get(), &size) == SOCKET_ERROR) {
    // A socket that is not bound has a name on POSIX: any address and port 0, or no path.
    WSAPROTOCOL_INFOW protocol;
    int length = sizeof protocol;
    if (call != ::getsockname || WSAGetLastError() != WSAEINVAL ||
        ::getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&protocol), &length) != 0) {
      return SocketOutcome(env, SOCKET_ERROR);
    }
    address.storage.ss_family = static_cast<ADDRESS_FAMILY>(protocol.iAddressFamily);
    size = UnnamedSize(protocol.iAddressFamily);
  }
  address.size = size;
  return UnpackAddress(env, address);
}

}  // namespace

bool DefineSocket(napi_env env, napi_value sockets) {
  const Function functions[] = {
      {"socket", Socket},
      {"socketpair", Socketpair},
      {"bind", Bind},
      {"connect", Connect},
      {"listen", Listen},
      {"accept", Accept},
      {"close", Close},
      {"shutdown", Shutdown},
      {"dup", Dup},
      {"setNonblocking", SetNonblocking},
      {"isNonblocking", IsNonblocking},
      {"getsockname", Name<::getsockname>},
      {"getpeername", Name<::getpeername>},
  };
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
