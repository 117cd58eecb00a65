#pragma once

#include <node_api.h>

namespace loop {

// Adds `getservbyname` and its kin. False when an exception is pending.
bool DefineServices(napi_env env, napi_value sockets);

}  // namespace loop
