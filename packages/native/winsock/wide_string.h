#pragma once

#include <node_api.h>

#include <string>

namespace loop {

// A JavaScript string as Windows has it: UTF-16 both, so that names which are no valid Unicode stay what they are. False after it
// has thrown.
bool ReadWideString(napi_env env, napi_value value, const char* name, std::wstring* result);

}  // namespace loop
