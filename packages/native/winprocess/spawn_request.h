#pragma once

#include <node_api.h>

#include "winprocess/child.h"

namespace loop {

// Reads a `WindowsSpawnRequest` of contract.ts, and duplicates the handles in it, since the caller may close its own at once. False
// after it has thrown; else `error` is 0, or -errno for handles that are none.
bool ReadSpawnRequest(napi_env env, napi_value request, ChildPlan* plan, int32_t* error);

}  // namespace loop
