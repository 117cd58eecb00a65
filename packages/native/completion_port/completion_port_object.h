#pragma once

#include <node_api.h>

namespace loop {

// Adds `IocpProactor`, a `NativeProactor` of contract.ts, to `exports`. False when an exception is pending.
bool DefineCompletionPort(napi_env env, napi_value exports);

}  // namespace loop
