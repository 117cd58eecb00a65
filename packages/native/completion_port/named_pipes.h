#pragma once

#include <node_api.h>

namespace loop {

// Adds contract.ts's `PipeOps` to `pipes`. False when an exception is pending; also where `pipes` is null.
bool DefineNamedPipes(napi_env env, napi_value pipes);

}  // namespace loop
