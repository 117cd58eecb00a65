#pragma once

#include <node_api.h>

namespace loop {

// The numbers that only macOS has.
bool DefineDarwinConstants(napi_env env, napi_value constants);

// sendfile(2), whose arguments and results differ from system to system, into `sockets`.
bool DefineSendfile(napi_env env, napi_value sockets);

}  // namespace loop
