#include "common/errors.h"
#include "common/memory.h"
#include "common/services.h"
#include "winsock/socket.h"

namespace loop {

namespace {

// A name of POSIX for what Windows has not.
napi_value Missing(napi_env env, napi_callback_info) { return Number(env, ErrorResult(ENOSYS)); }

bool DefineMissing(napi_env env, napi_value sockets) {
  const Function functions[] = {{"sendfile", Missing}, {"splice", Missing}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace

bool StartWinsock(napi_env env) {
  // Counted by the system: each environment's is one more. Never taken back, for threads of the process may outlive it.
  WSADATA data;
  const int error = WSAStartup(MAKEWORD(2, 2), &data);
  if (error == 0) return true;
  ThrowSystem(env, -FromWindowsError(static_cast<uint32_t>(error)), "WSAStartup");
  return false;
}

bool DefineSockets(napi_env env, napi_value sockets) {
  return sockets != nullptr && DefineSocket(env, sockets) && DefineSocketFile(env, sockets) &&
         DefineSocketOptions(env, sockets) &&
         DefineIo(env, sockets) && DefineMessages(env, sockets) && DefineDatagrams(env, sockets) &&
         DefineMulticast(env, sockets) && DefineServices(env, sockets) && DefineMemory(env, sockets) && DefineMissing(env, sockets);
}

}  // namespace loop
