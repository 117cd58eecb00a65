#include "common/memory.h"

#include "common/arguments.h"

namespace loop {

namespace {

// release(bytes): whether they are gone.
napi_value Release(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  napi_value memory;
  size_t length, whole;
  if (napi_get_typedarray_info(env, args[0], nullptr, &length, nullptr, &memory, nullptr) != napi_ok) {
    ThrowType(env, "bytes", "a Uint8Array");
    return nullptr;
  }
  // Not what holds more than these bytes: it may be somebody else's too.
  if (napi_get_arraybuffer_info(env, memory, nullptr, &whole) != napi_ok || whole != length) return Number(env, 0);
  return Number(env, napi_detach_arraybuffer(env, memory) == napi_ok ? 1 : 0);
}

}  // namespace

bool DefineMemory(napi_env env, napi_value sockets) {
  const Function functions[] = {{"release", Release}};
  return sockets != nullptr && DefineFunctions(env, sockets, functions);
}

}  // namespace loop
