#pragma once

#include <memory>

#include "common/arguments.h"
#include "common/poller.h"

namespace loop {

// Slots index an array of registrations, so this is more than there can be descriptors; pollers use the bits above.
constexpr int32_t kMaxSlot = (1 << 28) - 1;

// A JavaScript class of contract.ts's `NativePoller`.
struct PollerClass {
  const char* name;
  // The system call that `open` makes first: what an error of it is blamed on.
  const char* syscall;
  // Makes the poller, or gives -errno.
  int (*open)(std::shared_ptr<Poller>* poller);
};

// Adds the constructor to `exports`. `type` must outlive the addon. False when an exception is pending.
bool DefinePoller(napi_env env, napi_value exports, const PollerClass* type);

// For a C++ poller that is made in two steps, because a constructor cannot give an error.
template <typename P>
int OpenPoller(std::shared_ptr<Poller>* poller) {
  auto made = std::make_shared<P>();
  const int error = made->Open();
  if (error == 0) *poller = std::move(made);
  return error;
}

}  // namespace loop
