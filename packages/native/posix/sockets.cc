#include "common/memory.h"
#include "common/services.h"
#include "posix/socket.h"

namespace loop {

bool DefineSockets(napi_env env, napi_value sockets) {
  return sockets != nullptr && DefineSocket(env, sockets) && DefineSocketOptions(env, sockets) &&
         DefineIo(env, sockets) && DefineMessages(env, sockets) &&
         DefineReceiveDatagrams(env, sockets) && DefineSendDatagrams(env, sockets) && DefineMulticast(env, sockets) &&
         DefineServices(env, sockets) && DefineMemory(env, sockets);
}

}  // namespace loop
