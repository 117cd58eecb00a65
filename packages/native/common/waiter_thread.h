#pragma once

#include <napi.h>

namespace loop {

// Adds `WaiterThread` to the addon's exports.
void InitWaiterThread(Napi::Env env, Napi::Object exports);

}  // namespace loop
