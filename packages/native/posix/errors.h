#pragma once

#include <node_api.h>

namespace loop {

// errno's names and numbers.
bool DefineErrors(napi_env env, napi_value constants);

}  // namespace loop
