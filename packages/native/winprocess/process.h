#pragma once

#include <node_api.h>

namespace loop {

// Each adds its functions of contract.ts. False when an exception is pending; also where the object is null.
bool DefineChildren(napi_env env, napi_value processes);
bool DefinePipePairs(napi_env env, napi_value pipes);
bool DefineProcessConstants(napi_env env, napi_value constants);

}  // namespace loop
