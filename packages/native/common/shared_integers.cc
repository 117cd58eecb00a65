#include "common/shared_integers.h"

#include "common/errors.h"

namespace loop {

namespace {

// In shared memory, because an ordinary ArrayBuffer can be detached by anybody who gets hold of it, and the address behind
// it, which drivers keep, would then point to freed memory.
bool Make(napi_env env, size_t count, napi_value* array, int32_t** data) {
  napi_value global, constructor, size, length, offset, shared;
  void* memory = nullptr;
  size_t made = 0;
  napi_typedarray_type type;
  if (napi_get_global(env, &global) != napi_ok ||
      napi_get_named_property(env, global, "SharedArrayBuffer", &constructor) != napi_ok ||
      napi_create_uint32(env, static_cast<uint32_t>(count * sizeof(int32_t)), &size) != napi_ok ||
      napi_new_instance(env, constructor, 1, &size, &shared) != napi_ok ||
      napi_get_named_property(env, global, "Int32Array", &constructor) != napi_ok ||
      napi_create_uint32(env, 0, &offset) != napi_ok ||
      napi_create_uint32(env, static_cast<uint32_t>(count), &length) != napi_ok) {
    return false;
  }
  const napi_value arguments[] = {shared, offset, length};
  if (napi_new_instance(env, constructor, 3, arguments, array) != napi_ok ||
      napi_get_typedarray_info(env, *array, &type, &made, &memory, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || made < count) {
    return false;
  }
  *data = static_cast<int32_t*>(memory);
  return true;
}

}  // namespace

bool MakeSharedIntegers(napi_env env, size_t count, napi_value* array, int32_t** data) {
  if (Make(env, count, array, data)) return true;
  bool is_pending = false;
  napi_is_exception_pending(env, &is_pending);
  if (!is_pending) ThrowType(env, "SharedArrayBuffer", "the host's own");
  return false;
}

}  // namespace loop
