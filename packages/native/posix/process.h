#pragma once

#include <node_api.h>

namespace loop {

// Each adds its functions of contract.ts's `ProcessOps` to `processes`. False when an exception is pending.
bool DefineSpawn(napi_env env, napi_value processes);
bool DefineExit(napi_env env, napi_value processes);
bool DefinePipes(napi_env env, napi_value processes);
bool DefineAccounts(napi_env env, napi_value processes);

// Leaves a child to a thread that reaps it when it has ended. 0 or -errno.
int ReapInThread(int pid);

}  // namespace loop
