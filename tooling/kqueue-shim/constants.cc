// The backend's own numbers are those of macOS' headers, which are not here; only those that the shim stands in for.
#include "common/arguments.h"
#include "peer_options.h"

#define NAMED(name) {#name, name}

namespace loop {

namespace {

constexpr Constant kConstants[] = {NAMED(SOL_LOCAL), NAMED(LOCAL_PEERCRED), NAMED(LOCAL_PEERPID)};

}  // namespace

bool DefineDarwinConstants(napi_env env, napi_value constants) { return DefineConstants(env, constants, kConstants); }

}  // namespace loop
