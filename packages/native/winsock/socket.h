#pragma once

#include <node_api.h>

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include "common/arguments.h"
#include "winsock/errors.h"

namespace loop {

// contract.ts's CONTRACT_ABI that these sources were written for.
constexpr int kContractAbi = 1;

// Loads Winsock for this process. False when an exception is pending.
bool StartWinsock(napi_env env);

// Adds contract.ts's `SocketOps` to `sockets`, by the names that they have in `posix`. What Windows lacks gives -ENOSYS. False
// when an exception is pending; also where `sockets` is null.
bool DefineSockets(napi_env env, napi_value sockets);

// Its parts, a file each.
bool DefineSocket(napi_env env, napi_value sockets);
bool DefineSocketFile(napi_env env, napi_value sockets);
bool DefineSocketOptions(napi_env env, napi_value sockets);
bool DefineIo(napi_env env, napi_value sockets);
bool DefineMessages(napi_env env, napi_value sockets);
bool DefineDatagrams(napi_env env, napi_value sockets);
bool DefineMulticast(napi_env env, napi_value sockets);

// Winsock's numbers by their names.
bool DefineConstants(napi_env env, napi_value constants);

// A new socket: non-blocking, for overlapped operation too, and not inherited by children. INVALID_SOCKET with
// WSAGetLastError where that fails.
SOCKET OpenSocket(int family, int type, int protocol);

// How long the address is that names nothing yet: any interface and port 0, or no path.
int UnnamedSize(int family);

// What a call of Winsock gave: itself, or its -errno where it is SOCKET_ERROR.
inline napi_value SocketOutcome(napi_env env, int result) {
  return Number(env, result == SOCKET_ERROR ? LastSocketError() : result);
}

inline napi_value SocketNumber(napi_env env, SOCKET socket) {
  return Number(env, socket == INVALID_SOCKET ? LastSocketError() : static_cast<int64_t>(socket));
}

// A number that is none reads as INVALID_SOCKET, for which the system has the right answer in every call.
template <size_t N>
bool ReadSocket(const Arguments<N>& args, SOCKET* socket) {
  int fd;
  if (!args.Descriptor(0, &fd)) return false;
  *socket = fd < 0 ? INVALID_SOCKET : static_cast<SOCKET>(static_cast<unsigned int>(fd));
  return true;
}

}  // namespace loop
