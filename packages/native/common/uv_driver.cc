// A driver that rides on the host's libuv loop.
//
//   uv_poll   watches the poller's own descriptor and only sets a flag;
//   uv_check  runs the passes, after the host has polled; referenced while the loop runs, it keeps the process alive;
//   uv_idle   is active only while something is ready, so that the host does not block in its poll.
//
// Deadlines are the poller's (a timerfd inside its set): they are finer than libuv's milliseconds and arrive as
// readiness of the one descriptor that is watched anyway.
//
// Every slice is a top-level callback (napi_make_callback), whose scope drains ticks and microtasks when it closes.
// That is why the passes run straight from libuv and never inside another callback's scope.

#include "uv_driver.h"

#include <uv.h>

#include <cerrno>
#include <cmath>
#include <memory>

#include "driver_state.h"
#include "errors.h"
#include "poller.h"
#include "poller_object.h"

namespace loop {
namespace {

// The libuv handles and what they need. Lives until libuv has closed all three, which may be after the JavaScript
// object is gone.
class UvDriverCore {
 public:
  UvDriverCore(napi_env env, uv_loop_t* uv, std::shared_ptr<Poller> poller, Event* events)
      : env_(env), uv_(uv), poller_(std::move(poller)), events_(events) {}

  int Open() {
    int result = uv_poll_init(uv_, &poll_, poller_->Fd());
    if (result != 0) return result;
    poll_.data = this;
    uv_check_init(uv_, &check_);
    check_.data = this;
    uv_idle_init(uv_, &idle_);
    idle_.data = this;
    uv_unref(AsHandle(&poll_));
    uv_unref(AsHandle(&check_));
    uv_unref(AsHandle(&idle_));
    return 0;
  }

  // References are the wrapper's to set once, before the first Start.
  napi_ref run_slice = nullptr;
  napi_ref receiver = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  int32_t* state = nullptr;
  double* times = nullptr;
  // The wrapper's pointer to this, cleared when this goes first (at the environment's end).
  UvDriverCore** owner = nullptr;

  void Start() {
    if (closing_ || running_) return;
    running_ = true;
    uint32_t count;
    napi_reference_ref(env_, run_slice, &count);
    uv_check_start(&check_, OnCheck);
    uv_ref(AsHandle(&check_));
    uv_poll_start(&poll_, UV_READABLE, OnReadable);
    begin_ = true;
    Wake();
  }

  void Stop() {
    if (!running_) return;
    running_ = false;
    uint32_t count;
    napi_reference_unref(env_, run_slice, &count);
    uv_idle_stop(&idle_);
    uv_poll_stop(&poll_);
    uv_check_stop(&check_);
    uv_unref(AsHandle(&check_));
    woken_ = false;
  }

  void Wake() {
    if (!running_ || woken_) return;
    woken_ = true;
    uv_idle_start(&idle_, [](uv_idle_t*) {});
  }

  void Close() {
    if (closing_) return;
    if (active_) {
      // Inside its own pass: the handles go when the pass returns.
      close_after_pass_ = true;
      return;
    }
    closing_ = true;
    Stop();
    open_handles_ = 3;
    for (uv_handle_t* handle : {AsHandle(&poll_), AsHandle(&check_), AsHandle(&idle_)}) uv_close(handle, OnClosed);
  }

 private:
  template <typename T>
  static uv_handle_t* AsHandle(T* handle) {
    return reinterpret_cast<uv_handle_t*>(handle);
  }

  static void OnReadable(uv_poll_t* handle, int, int) { static_cast<UvDriverCore*>(handle->data)->readable_ = true; }

  static void OnCheck(uv_check_t* handle) {
    auto* core = static_cast<UvDriverCore*>(handle->data);
    if (core->readable_ || core->woken_) core->RunPasses();
  }

  static void OnClosed(uv_handle_t* handle) {
    auto* core = static_cast<UvDriverCore*>(handle->data);
    if (--core->open_handles_ == 0) core->Free();
  }

  void Free() {
    if (owner != nullptr) *owner = nullptr;
    if (run_slice != nullptr) napi_delete_reference(env_, run_slice);
    if (receiver != nullptr) napi_delete_reference(env_, receiver);
    if (context != nullptr) napi_async_destroy(env_, context);
    if (cleanup != nullptr) napi_remove_async_cleanup_hook(cleanup);
    delete this;
  }

  void RunPasses() {
    if (active_) return;  // A callback ran the host's loop from inside itself.
    active_ = true;
    state[kStateActive] = 1;
    readable_ = false;
    const uint64_t began = uv_hrtime();
    napi_handle_scope scope;
    napi_open_handle_scope(env_, &scope);
    napi_value function = nullptr;
    napi_value self = nullptr;
    napi_get_reference_value(env_, run_slice, &function);
    napi_get_reference_value(env_, receiver, &self);
    bool usable = function != nullptr && self != nullptr;

    for (int pass = 0; usable && running_ && pass < kTurnPasses; pass++) {
      int count = 0;
      if (pass % kPassesPerPoll == 0 || state[kStateReady] == 0) count = poller_->Wait(0, events_, kMaxEvents);
      // EINTR is no finding: the next poll looks again.
      state[kStateEvents] = count == -EINTR ? 0 : count;
      if (!begin_ && state[kStateEvents] == 0 && state[kStateReady] == 0 && state[kStateStop] == 0 && !Due()) break;
      begin_ = false;
      do {
        usable = Slice(self, function);
      } while (usable && running_ && state[kStateMore] == kMoreHandles);
      if (!usable || !running_) break;
      if (state[kStateStop] != 0) {
        state[kStateMore] = kMoreEndOfRun;
        usable = Slice(self, function);
        break;
      }
      if (uv_hrtime() - began > static_cast<uint64_t>(kTurnNanoseconds)) break;
    }

    napi_close_handle_scope(env_, scope);
    active_ = false;
    state[kStateActive] = 0;
    if (!usable) Stop();
    if (close_after_pass_) return Close();
    if (running_) Rest();
  }

  // One entry into JavaScript. False when the environment takes no more (a worker that is being terminated).
  bool Slice(napi_value self, napi_value function) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) return false;
    napi_value result;
    napi_status status = napi_make_callback(env_, context, self, function, 0, nullptr, &result);
    bool usable = true;
    if (status == napi_pending_exception) {
      // The loop catches what callbacks throw, so this came from a tick or a reaction: the host's to report.
      napi_value error;
      if (napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
        usable = napi_fatal_exception(env_, error) == napi_ok;
      } else {
        usable = false;
      }
    } else if (status != napi_ok) {
      usable = false;
    }
    napi_close_handle_scope(env_, scope);
    return usable;
  }

  bool Due() const {
    const double deadline = times[kTimeDeadline];
    return !std::isinf(deadline) && deadline * 1e6 <= static_cast<double>(uv_hrtime());
  }

  // Nothing more to do in this turn, or no more time: arrange for the next.
  void Rest() {
    woken_ = false;
    if (state[kStateReady] != 0 || state[kStateStop] != 0 || Due()) {
      Wake();
      return;
    }
    uv_idle_stop(&idle_);
    const double deadline = times[kTimeDeadline];
    if (std::isinf(deadline)) {
      poller_->Arm(-1);
    } else {
      const double longest = static_cast<double>(uv_hrtime()) / 1e6 + kLongestWaitMilliseconds;
      poller_->Arm(static_cast<int64_t>(std::ceil(std::fmin(deadline, longest) * 1e6)));
    }
  }

  napi_env env_;
  uv_loop_t* uv_;
  std::shared_ptr<Poller> poller_;
  Event* events_;
  uv_poll_t poll_{};
  uv_check_t check_{};
  uv_idle_t idle_{};
  int open_handles_ = 0;
  bool running_ = false;
  bool readable_ = false;
  bool woken_ = false;
  bool begin_ = false;
  bool active_ = false;
  bool closing_ = false;
  bool close_after_pass_ = false;
};

class UvDriver : public Napi::ObjectWrap<UvDriver> {
 public:
  // new UvDriver(poller, state: Int32Array, times: Float64Array, runSlice: () => void)
  explicit UvDriver(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UvDriver>(info) {
    Napi::Env env = info.Env();
    std::shared_ptr<Poller> poller = PollerFrom(env, info[0]);
    if (poller == nullptr) return;
    if (!IsArray<Napi::Int32Array>(info[1], napi_int32_array, kStateLength) ||
        !IsArray<Napi::Float64Array>(info[2], napi_float64_array, kTimesLength) || !info[3].IsFunction()) {
      Napi::TypeError::New(env, "UvDriver takes a poller, an Int32Array, a Float64Array and a function").ThrowAsJavaScriptException();
      return;
    }
    if (poller->Fd() < 0) {
      Napi::TypeError::New(env, "UvDriver needs a poller with a descriptor").ThrowAsJavaScriptException();
      return;
    }
    // A mechanism that has a descriptor for its timer opens it now: later there may be none left, and no deadline of the
    // loop would ever come.
    const int64_t later = static_cast<int64_t>(uv_hrtime() + kLongestWaitMilliseconds * 1e6);
    if (const int error = poller->Arm(later); error != 0) {
      ThrowSystem(env, -error, "timer");
      return;
    }
    poller->Arm(-1);
    uv_loop_t* uv = nullptr;
    napi_get_uv_event_loop(env, &uv);
    auto core = std::make_unique<UvDriverCore>(env, uv, std::move(poller), PollerEvents(info[0]));
    if (int result = core->Open(); result != 0) {
      Napi::Error::New(env, std::string("uv_poll_init: ") + uv_strerror(result)).ThrowAsJavaScriptException();
      return;
    }
    core->state = info[1].As<Napi::Int32Array>().Data();
    core->times = info[2].As<Napi::Float64Array>().Data();
    // Weak while the loop does not run: a loop that nobody holds can then be collected. The object keeps the function
    // and the memory that is shared alive.
    Value().Set("_held", HeldArray(env, info));
    napi_create_reference(env, info[3], 0, &core->run_slice);
    Napi::Object receiver = Napi::Object::New(env);
    napi_create_reference(env, receiver, 1, &core->receiver);
    napi_async_init(env, receiver, Napi::String::New(env, "LOOP"), &core->context);
    core_ = core.release();
    core_->owner = &core_;
    napi_add_async_cleanup_hook(env, OnEnvironmentEnd, core_, &core_->cleanup);
  }

  ~UvDriver() override { Release(); }

  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "UvDriver",
                       {InstanceMethod("start", &UvDriver::Start), InstanceMethod("stop", &UvDriver::Stop),
                        InstanceMethod("wake", &UvDriver::Wake), InstanceMethod("close", &UvDriver::Close)});
  }

 private:
  template <typename Array>
  static bool IsArray(Napi::Value value, napi_typedarray_type type, size_t length) {
    return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type &&
           value.As<Array>().ElementLength() >= length;
  }

  static Napi::Array HeldArray(Napi::Env env, const Napi::CallbackInfo& info) {
    Napi::Array held = Napi::Array::New(env, 4);
    for (uint32_t i = 0; i < 4; i++) held.Set(i, info[i]);
    return held;
  }

  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) { static_cast<UvDriverCore*>(data)->Close(); }

  Napi::Value Start(const Napi::CallbackInfo& info) {
    if (core_ != nullptr) core_->Start();
    return info.Env().Undefined();
  }
  Napi::Value Stop(const Napi::CallbackInfo& info) {
    if (core_ != nullptr) core_->Stop();
    return info.Env().Undefined();
  }
  Napi::Value Wake(const Napi::CallbackInfo& info) {
    if (core_ != nullptr) core_->Wake();
    return info.Env().Undefined();
  }
  Napi::Value Close(const Napi::CallbackInfo& info) {
    Release();
    return info.Env().Undefined();
  }

  void Release() {
    if (core_ == nullptr) return;
    UvDriverCore* core = core_;
    core_ = nullptr;
    core->owner = nullptr;
    core->Close();
  }

  UvDriverCore* core_ = nullptr;
};

}  // namespace

void InitUvDriver(Napi::Env env, Napi::Object exports) { exports.Set("UvDriver", UvDriver::Define(env)); }

}  // namespace loop
