#include <napi.h>

#include "afd/afd_poller.h"
#include "common/environment_end.h"
#include "common/poller_class.h"
#include "common/section.h"
#include "common/waiter_thread.h"
#include "select/select_poller.h"
#include "winsock/socket.h"

namespace loop {

namespace {

constexpr PollerClass kAfdSelector = {"AfdSelector", "CreateIoCompletionPort", OpenPoller<AfdPoller>};
constexpr PollerClass kSelectSelector = {"SelectSelector", "socket", OpenPoller<SelectPoller>};

}  // namespace

}  // namespace loop

// Runs once per environment: the main thread, each worker, each reload. Nothing is kept outside of `exports`.
NAPI_MODULE_INIT() {
  using namespace loop;
  OutliveFinalizers(env);
  if (!StartWinsock(env) || napi_set_named_property(env, exports, "abi", Number(env, kContractAbi)) != napi_ok ||
      !DefinePoller(env, exports, &kAfdSelector) || !DefinePoller(env, exports, &kSelectSelector) ||
      !DefineSockets(env, Section(env, exports, "sockets")) ||
      !DefineConstants(env, Section(env, exports, "constants"))) {
    return nullptr;
  }
  InitWaiterThread(env, Napi::Object(env, exports));
  return exports;
}
