#pragma once

#include <napi.h>

#include <memory>

#include "poller.h"

namespace loop {

// The poller behind a JavaScript `NativePoller` object (see contract.ts), shared with the driver that waits on it:
// whoever is last frees it. Null with a pending TypeError if `value` is not such an object.
std::shared_ptr<Poller> PollerFrom(Napi::Env env, Napi::Value value);

// The typed array behind `poller.events`; a driver writes the events of its own waits there.
Event* PollerEvents(Napi::Value value);

}  // namespace loop
