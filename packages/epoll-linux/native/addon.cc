#include <napi.h>

#include "common/environment_end.h"
#include "common/poller_class.h"
#include "common/section.h"
#include "common/uv_driver.h"
#include "common/waiter_thread.h"
#include "epoll_poller.h"
#include "freed_memory.h"
#include "linux.h"
#include "posix/poll_poller.h"
#include "posix/process.h"
#include "posix/select_poller.h"
#include "posix/socket.h"

namespace loop {

namespace {

constexpr PollerClass kEpollSelector = {"EpollSelector", "epoll_create1", OpenPoller<EpollPoller>};
constexpr PollerClass kPollSelector = {"PollSelector", "pipe2", OpenPoller<PollPoller>};
constexpr PollerClass kSelectSelector = {"SelectSelector", "pipe2", OpenPoller<SelectPoller>};

bool DefinePollers(napi_env env, napi_value exports) {
  return DefinePoller(env, exports, &kEpollSelector) && DefinePoller(env, exports, &kPollSelector) &&
         DefinePoller(env, exports, &kSelectSelector);
}

bool DefineProcesses(napi_env env, napi_value processes) {
  return processes != nullptr && DefineSpawn(env, processes) && DefineExit(env, processes) &&
         DefinePipes(env, processes) && DefineAccounts(env, processes);
}

bool DefineNumbers(napi_env env, napi_value constants) {
  return constants != nullptr && DefineConstants(env, constants) && DefineLinuxConstants(env, constants);
}

bool DefineLinuxCalls(napi_env env, napi_value calls) { return calls != nullptr && DefineDescriptors(env, calls); }

}  // namespace

}  // namespace loop

// Runs once per environment: the main thread, each worker, each reload. Nothing of ours is kept outside of `exports`.
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
      !DefineNumbers(env, Section(env, exports, "constants")) ||
      !DefineLinuxCalls(env, Section(env, exports, "linux"))) {
    return nullptr;
  }
  KeepFreedMemory();
  InitUvDriver(env, Napi::Object(env, exports));
  InitWaiterThread(env, Napi::Object(env, exports));
  return exports;
}
