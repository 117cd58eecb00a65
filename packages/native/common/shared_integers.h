#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace loop {

// An Int32Array of `count` that native code may write to as long as the array lives. False when an exception is pending.
bool MakeSharedIntegers(napi_env env, size_t count, napi_value* array, int32_t** data);

}  // namespace loop
