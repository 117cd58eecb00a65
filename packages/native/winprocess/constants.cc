#include "common/arguments.h"
#include "winprocess/process.h"

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

namespace loop {

namespace {

#define NAMED(name) {#name, static_cast<int64_t>(name)}

constexpr Constant kConstants[] = {
    // Of sendSignal
    NAMED(CTRL_C_EVENT), NAMED(CTRL_BREAK_EVENT),
    // Of creationFlags, those that Python's subprocess has
    NAMED(CREATE_NEW_CONSOLE), NAMED(CREATE_NEW_PROCESS_GROUP), NAMED(CREATE_NO_WINDOW), NAMED(DETACHED_PROCESS),
    NAMED(CREATE_DEFAULT_ERROR_MODE), NAMED(CREATE_BREAKAWAY_FROM_JOB), NAMED(ABOVE_NORMAL_PRIORITY_CLASS),
    NAMED(BELOW_NORMAL_PRIORITY_CLASS), NAMED(HIGH_PRIORITY_CLASS), NAMED(IDLE_PRIORITY_CLASS),
    NAMED(NORMAL_PRIORITY_CLASS), NAMED(REALTIME_PRIORITY_CLASS),
};

}  // namespace

bool DefineProcessConstants(napi_env env, napi_value constants) {
  return constants != nullptr && DefineConstants(env, constants, kConstants);
}

}  // namespace loop
