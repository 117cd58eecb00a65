#include "common/poller_object.h"

#include "common/poller_class.h"
#include "common/shared_integers.h"
#include "common/waitable_object.h"

namespace loop {

namespace {

struct PollerObject : WaitableObject {
  std::shared_ptr<Waitable> waitable() const override { return poller; }
  bool is_poller() const override { return true; }

  std::shared_ptr<Poller> poller;
  Event* events;
};

constexpr size_t kEventsLength = kMaxEvents * sizeof(Event) / sizeof(int32_t);

// Null with a pending exception.
PollerObject* Unwrap(napi_env env, napi_value value) {
  WaitableObject* object = UnwrapWaitable(env, value);
  if (object == nullptr || object->is_poller()) return static_cast<PollerObject*>(object);
  ThrowType(env, "poller", "a selector of this backend");
  return nullptr;
}

template <size_t N>
class Call : public Arguments<N> {
 public:
  Call(napi_env env, napi_callback_info info) : Arguments<N>(env, info) {
    napi_value self;
    PollerObject* object = nullptr;
    if (napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr) == napi_ok) object = Unwrap(env, self);
    if (object != nullptr) {
      poller = object->poller.get();
      events = object->events;
    }
  }

  Poller* poller = nullptr;
  Event* events = nullptr;
};

struct Registration {
  int fd;
  int32_t slot;
  int32_t generation;
  int32_t mask;
};

bool ReadRegistration(const Arguments<4>& args, Registration* registration) {
  uint64_t slot, mask;
  if (!args.Descriptor(0, &registration->fd) || !args.Size(1, "slot", kMaxSlot, &slot) ||
      !args.Int(2, "generation", &registration->generation) || !args.Size(3, "events", kRead | kWrite, &mask)) {
    return false;
  }
  registration->slot = static_cast<int32_t>(slot);
  registration->mask = static_cast<int32_t>(mask);
  return true;
}

napi_value Add(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Registration to;
  if (call.poller == nullptr || !ReadRegistration(call, &to)) return nullptr;
  return Number(env, call.poller->Add(to.fd, to.slot, to.generation, to.mask));
}

napi_value Modify(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Registration to;
  if (call.poller == nullptr || !ReadRegistration(call, &to)) return nullptr;
  return Number(env, call.poller->Modify(to.fd, to.slot, to.generation, to.mask));
}

napi_value Remove(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  int fd;
  if (call.poller == nullptr || !call.Descriptor(0, &fd)) return nullptr;
  return Number(env, call.poller->Remove(fd));
}

napi_value Wait(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  int64_t timeout;
  if (call.poller == nullptr || !ReadTimeout(env, call[0], "timeout", &timeout)) return nullptr;
  return Number(env, call.poller->Wait(timeout, call.events, kMaxEvents));
}

napi_value Fileno(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  return call.poller == nullptr ? nullptr : Number(env, call.poller->Fd());
}

napi_value Close(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  if (call.poller != nullptr) call.poller->Close();
  return nullptr;
}

bool MakeEvents(napi_env env, napi_value* array, Event** events) {
  int32_t* words;
  if (!MakeSharedIntegers(env, kEventsLength, array, &words)) return false;
  *events = reinterpret_cast<Event*>(words);
  return true;
}

napi_value Construct(napi_env env, napi_callback_info info) {
  napi_value self, target = nullptr, events;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, &self, &data) != napi_ok ||
      napi_get_new_target(env, info, &target) != napi_ok) {
    return nullptr;
  }
  if (target == nullptr) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "A selector cannot be made without 'new'");
    return nullptr;
  }
  const PollerClass* type = static_cast<const PollerClass*>(data);
  auto object = std::make_unique<PollerObject>();
  if (!MakeEvents(env, &events, &object->events)) return nullptr;
  const int error = type->open(&object->poller);
  if (error != 0) {
    ThrowSystem(env, -error, type->syscall);
    return nullptr;
  }
  const napi_property_descriptor property = {"events", nullptr, nullptr,         nullptr,
                                             nullptr,  events,  napi_enumerable, nullptr};
  if (napi_define_properties(env, self, 1, &property) != napi_ok || !WrapWaitable(env, self, std::move(object))) {
    return nullptr;
  }
  return self;
}

napi_property_descriptor Method(const char* name, napi_callback call) {
  return {name, nullptr, call, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

}  // namespace

bool DefinePoller(napi_env env, napi_value exports, const PollerClass* type) {
  const napi_property_descriptor methods[] = {
      Method("add", Add),   Method("modify", Modify), Method("remove", Remove),
      Method("wait", Wait), Method("fileno", Fileno), Method("close", Close),
  };
  napi_value constructor;
  return napi_define_class(env, type->name, NAPI_AUTO_LENGTH, Construct, const_cast<PollerClass*>(type),
                           sizeof methods / sizeof *methods, methods, &constructor) == napi_ok &&
         napi_set_named_property(env, exports, type->name, constructor) == napi_ok;
}

std::shared_ptr<Poller> PollerFrom(Napi::Env env, Napi::Value value) {
  PollerObject* object = Unwrap(env, value);
  return object == nullptr ? nullptr : object->poller;
}

Event* PollerEvents(Napi::Value value) {
  PollerObject* object = Unwrap(value.Env(), value);
  return object == nullptr ? nullptr : object->events;
}

}  // namespace loop
