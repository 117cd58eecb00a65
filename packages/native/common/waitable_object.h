#pragma once

#include <napi.h>

#include <memory>

#include "common/waitable.h"

namespace loop {

// What is behind a JavaScript `NativePoller` or `NativeProactor` (see contract.ts). What waits for it shares it: whoever is
// last frees it.
struct WaitableObject {
  virtual ~WaitableObject() = default;
  virtual std::shared_ptr<Waitable> waitable() const = 0;
  virtual bool is_poller() const { return false; }
};

// Wraps `object` into `self` and owns it from then on. False when an exception is pending; the object is freed then.
bool WrapWaitable(napi_env env, napi_value self, std::unique_ptr<WaitableObject> object);

// Null with a pending TypeError if `value` is not such an object.
WaitableObject* UnwrapWaitable(napi_env env, napi_value value);

}  // namespace loop
