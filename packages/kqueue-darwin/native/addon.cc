#include <napi.h>

#include "common/environment_end.h"
#include "common/poller_class.h"
#include "common/section.h"
#include "common/uv_driver.h"
#include "common/waiter_thread.h"
#include "darwin.h"
#include "kqueue_poller.h"
#include "posix/poll_poller.h"
#include "posix/process.h"
#include "posix/select_poller.h"
#include "posix/socket.h"

namespace loop {

namespace {

constexpr PollerClass kKqueueSelector = {"KqueueSelector", "kqueue", OpenPoller<KqueuePoller>};
constexpr PollerClass kPollSelector = {"PollSelector", "pipe", OpenPoller<PollPoller>};
constexpr PollerClass kSelectSelector = {"SelectSelector", "pipe", OpenPoller<SelectPoller>};

bool DefinePollers(napi_env env, napi_value exports) {
  return DefinePoller(env, exports, &kKqueueSelector) && DefinePoller(env, exports, &kPollSelector) &&
         DefinePoller(env, exports, &kSelectSelector);
}

bool DefineNumbers(napi_env env, napi_value constants) {
  return constants != nullptr && DefineConstants(env, constants) && DefineDarwinConstants(env, constants);
}

bool DefineProcesses(napi_env env, napi_value processes) {
  return processes != nullptr && DefineSpawn(env, processes) && DefineExit(env, processes) &&
         DefinePipes(env, processes) && DefineAccounts(env, processes);
}

}  // namespace

}  // namespace loop

// Runs once per environment: the main thread, each worker, each reload. Nothing is kept outside of `exports`.
NAPI_MODULE_INIT() {
  using namespace loop;
  OutliveFinalizers(env);
  if (napi_set_named_property(env, exports, "abi", Number(env, kContractAbi)) != napi_ok ||
      !DefinePollers(env, exports)) {
    return nullptr;
  }
  const napi_value sockets = Section(env, exports, "sockets");
  if (!DefineSockets(env, sockets) || !DefineSendfile(env, sockets) ||
      !DefineProcesses(env, Section(env, exports, "processes")) ||
      !DefineNumbers(env, Section(env, exports, "constants"))) {
    return nullptr;
  }
  InitUvDriver(env, Napi::Object(env, exports));
  InitWaiterThread(env, Napi::Object(env, exports));
  return exports;
}
