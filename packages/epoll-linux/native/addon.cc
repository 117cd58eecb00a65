#include <napi.h>

#include "common/poller_class.h"
#include "common/uv_driver.h"
#include "common/waiter_thread.h"
#include "epoll_poller.h"
#include "linux.h"
#include "posix/poll_poller.h"
#include "posix/select_poller.h"
#include "posix/socket.h"

namespace loop {

namespace {

// contract.ts's CONTRACT_ABI that this binary was written for.
constexpr int kContractAbi = 1;

constexpr PollerClass kEpollSelector = {"EpollSelector", "epoll_create1", OpenPoller<EpollPoller>};
constexpr PollerClass kPollSelector = {"PollSelector", "pipe2", OpenPoller<PollPoller>};
constexpr PollerClass kSelectSelector = {"SelectSelector", "pipe2", OpenPoller<SelectPoller>};

bool DefinePollers(napi_env env, napi_value exports) {
  return DefinePoller(env, exports, &kEpollSelector) && DefinePoller(env, exports, &kPollSelector) &&
         DefinePoller(env, exports, &kSelectSelector);
}

// Adds an empty object to `exports`; null when an exception is pending.
napi_value Section(napi_env env, napi_value exports, const char* name) {
  napi_value section = nullptr;
  if (napi_create_object(env, &section) != napi_ok ||
      napi_set_named_property(env, exports, name, section) != napi_ok) {
    return nullptr;
  }
  return section;
}

bool DefineSockets(napi_env env, napi_value sockets) {
  return sockets != nullptr && DefineSocket(env, sockets) && DefineSocketOptions(env, sockets) &&
         DefineIo(env, sockets) && DefineMessages(env, sockets) && DefineReceiveDatagrams(env, sockets) &&
         DefineSendDatagrams(env, sockets) && DefineMulticast(env, sockets) && DefineServices(env, sockets) &&
         DefineSendfile(env, sockets);
}

bool DefineNumbers(napi_env env, napi_value constants) {
  return constants != nullptr && DefineConstants(env, constants) && DefineLinuxConstants(env, constants);
}

bool DefineLinuxCalls(napi_env env, napi_value calls) { return calls != nullptr && DefineDescriptors(env, calls); }

}  // namespace

}  // namespace loop

// Runs once per environment: the main thread, each worker, each reload. Nothing is kept outside of `exports`.
NAPI_MODULE_INIT() {
  using namespace loop;
  if (napi_set_named_property(env, exports, "abi", Number(env, kContractAbi)) != napi_ok ||
      !DefinePollers(env, exports) || !DefineSockets(env, Section(env, exports, "sockets")) ||
      !DefineNumbers(env, Section(env, exports, "constants")) ||
      !DefineLinuxCalls(env, Section(env, exports, "linux"))) {
    return nullptr;
  }
  InitUvDriver(env, Napi::Object(env, exports));
  InitWaiterThread(env, Napi::Object(env, exports));
  return exports;
}
