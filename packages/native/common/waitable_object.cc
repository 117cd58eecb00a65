#include "common/waitable_object.h"

#include "common/errors.h"

namespace loop {

namespace {

// Random; marks the objects whose wrapped pointer is a WaitableObject, so that nothing else is ever taken for one.
constexpr napi_type_tag kTag = {0x6c3b1f0a92d84e57, 0xb7e4d20c5a1f4863};

// What still waits for it closes it by letting go of it.
void Finalize(napi_env, void* data, void*) { delete static_cast<WaitableObject*>(data); }

}  // namespace

bool WrapWaitable(napi_env env, napi_value self, std::unique_ptr<WaitableObject> object) {
  if (napi_wrap(env, self, object.get(), Finalize, nullptr, nullptr) != napi_ok) return false;
  object.release();
  return napi_type_tag_object(env, self, &kTag) == napi_ok;
}

WaitableObject* UnwrapWaitable(napi_env env, napi_value value) {
  bool is_ours = false;
  void* object = nullptr;
  if (napi_check_object_type_tag(env, value, &kTag, &is_ours) != napi_ok || !is_ours ||
      napi_unwrap(env, value, &object) != napi_ok) {
    ThrowType(env, "poller", "a selector or proactor of this backend");
    return nullptr;
  }
  return static_cast<WaitableObject*>(object);
}

}  // namespace loop
