#pragma once

#include <node_api.h>

namespace loop {

// Each adds its functions of contract.ts's `ProcessOps` to `processes`. False when an exception is pending.
bool DefineSpawn(napi_env env, napi_value processes);
bool DefineExit(napi_env env, napi_value processes);
bool DefinePipes(napi_env env, napi_value processes);
bool DefineAccounts(napi_env env, napi_value processes);

// Each backend gives its own two: a descriptor that is readable once the process has ended, or -errno;
int OpenExit(int pid);
// and, of the child that `exit` belongs to (-1: none does) and that has perhaps ended: 1 and its exit status, negative for
// a signal, after which it is no more; 0 while it runs; -errno.
int ReapChild(int pid, int exit, int* status);

// Leaves a child to a thread that reaps it when it has ended. 0 or -errno.
int ReapInThread(int pid);

}  // namespace loop
