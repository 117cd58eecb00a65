#pragma once

#include <napi.h>

namespace loop {

// Adds `UvDriver` to the addon's exports.
void InitUvDriver(Napi::Env env, Napi::Object exports);

}  // namespace loop
