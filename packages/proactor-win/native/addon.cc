#include <napi.h>

#include "common/environment_end.h"
#include "common/section.h"
#include "common/waiter_thread.h"
#include "completion_port/completion_port_object.h"
#include "completion_port/named_pipes.h"
#include "winprocess/process.h"
#include "winsock/socket.h"

// Runs once per environment: the main thread, each worker, each reload. Nothing is kept outside of `exports`.
NAPI_MODULE_INIT() {
  using namespace loop;
  OutliveFinalizers(env);
  const napi_value constants = Section(env, exports, "constants");
  const napi_value pipes = Section(env, exports, "pipes");
  if (!StartWinsock(env) || napi_set_named_property(env, exports, "abi", Number(env, kContractAbi)) != napi_ok ||
      !DefineCompletionPort(env, exports) || !DefineSockets(env, Section(env, exports, "sockets")) ||
      !DefineConstants(env, constants) || !DefineProcessConstants(env, constants) || !DefineNamedPipes(env, pipes) ||
      !DefinePipePairs(env, pipes) || !DefineChildren(env, Section(env, exports, "windowsProcesses"))) {
    return nullptr;
  }
  InitWaiterThread(env, Napi::Object(env, exports));
  return exports;
}
