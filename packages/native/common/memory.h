#pragma once

#include <node_api.h>

namespace loop {

// Adds contract.ts's `release` to `sockets`. False when an exception is pending; also where `sockets` is null.
bool DefineMemory(napi_env env, napi_value sockets);

}  // namespace loop
