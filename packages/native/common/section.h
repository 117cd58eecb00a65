#pragma once

#include <node_api.h>

namespace loop {

// Adds an empty object to `exports`; null when an exception is pending.
inline napi_value Section(napi_env env, napi_value exports, const char* name) {
  napi_value section = nullptr;
  if (napi_create_object(env, &section) != napi_ok ||
      napi_set_named_property(env, exports, name, section) != napi_ok) {
    return nullptr;
  }
  return section;
}

}  // namespace loop
