// Waits for a poller on a thread of its own and tells the loop's thread through a thread-safe function.
//
// For hosts without a libuv loop that we may use (Bun, Deno), and for mechanisms without a descriptor that libuv could
// watch (poll, select). The thread only learns that there is something: the loop polls again itself, so no event ever
// crosses between threads, and the poller never sees two waits at once.

#include "waiter_thread.h"

#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "driver_state.h"
#include "errors.h"
#include "thread.h"
#include "waitable_object.h"

namespace loop {
namespace {

class Waiter {
 public:
  explicit Waiter(std::shared_ptr<Waitable> waitable) : waitable_(std::move(waitable)) {}

  // 0, and then it has taken over one reference of the thread-safe function; or -errno.
  int Begin(napi_threadsafe_function on_ready) {
    const int error = thread_.Start(this);
    if (error == 0) on_ready_ = on_ready;
    return error;
  }

  // What the thread does.
  void operator()() { Run(); }

  void Arm(int64_t timeout_ns) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (armed_) return;
      armed_ = true;
      timeout_ns_ = timeout_ns;
    }
    changed_.notify_one();
  }

  void Wake() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (armed_) waitable_->Wake();
  }

  void Ref(napi_env env, bool on) {
    if (on_ready_ == nullptr) return;
    if (on) napi_ref_threadsafe_function(env, on_ready_);
    else napi_unref_threadsafe_function(env, on_ready_);
  }

  // Ends the thread and joins it.
  void Close() {
    if (on_ready_ == nullptr) return;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      quit_ = true;
      if (armed_) waitable_->Wake();
    }
    changed_.notify_one();
    thread_.Join();
    napi_release_threadsafe_function(on_ready_, napi_tsfn_abort);
    on_ready_ = nullptr;
  }

 private:
  void Run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return armed_ || quit_; });
      if (quit_) return;
      const int64_t timeout = timeout_ns_;
      lock.unlock();
      waitable_->Wait(timeout, nullptr, 0);
      lock.lock();
      armed_ = false;
      if (quit_) return;
      // The queue of the function is unlimited, so this does not block while the lock is held.
      napi_call_threadsafe_function(on_ready_, nullptr, napi_tsfn_nonblocking);
    }
  }

  std::shared_ptr<Waitable> waitable_;
  napi_threadsafe_function on_ready_ = nullptr;
  Thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool armed_ = false;
  bool quit_ = false;
  int64_t timeout_ns_ = -1;
};

class WaiterThread : public Napi::ObjectWrap<WaiterThread> {
 public:
  // new WaiterThread(poller, onReady: () => void)
  explicit WaiterThread(const Napi::CallbackInfo& info) : Napi::ObjectWrap<WaiterThread>(info), env_(info.Env()) {
    WaitableObject* object = UnwrapWaitable(info.Env(), info[0]);
    if (object == nullptr) return;
    if (!info[1].IsFunction()) {
      Napi::TypeError::New(info.Env(), "WaiterThread takes a poller and a function").ThrowAsJavaScriptException();
      return;
    }
    napi_threadsafe_function on_ready;
    napi_status status = napi_create_threadsafe_function(info.Env(), info[1], nullptr, Napi::String::New(info.Env(), "LOOP"), 0, 1,
                                                         nullptr, nullptr, nullptr, nullptr, &on_ready);
    if (status != napi_ok) {
      Napi::Error::New(info.Env(), "napi_create_threadsafe_function failed").ThrowAsJavaScriptException();
      return;
    }
    napi_unref_threadsafe_function(info.Env(), on_ready);
    auto waiter = std::make_unique<Waiter>(object->waitable());
    if (const int error = waiter->Begin(on_ready); error != 0) {
      napi_release_threadsafe_function(on_ready, napi_tsfn_abort);
      ThrowSystem(info.Env(), -error, Thread::kStartCall);
      return;
    }
    waiter_ = std::move(waiter);
    napi_add_env_cleanup_hook(info.Env(), OnEnvironmentEnd, waiter_.get());
  }

  ~WaiterThread() override { Release(); }

  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "WaiterThread",
                       {InstanceMethod("arm", &WaiterThread::Arm), InstanceMethod("wake", &WaiterThread::Wake),
                        InstanceMethod("ref", &WaiterThread::Ref), InstanceMethod("unref", &WaiterThread::Unref),
                        InstanceMethod("close", &WaiterThread::Close)});
  }

 private:
  static void OnEnvironmentEnd(void* data) { static_cast<Waiter*>(data)->Close(); }

  void Release() {
    if (waiter_ == nullptr) return;
    napi_remove_env_cleanup_hook(env_, OnEnvironmentEnd, waiter_.get());
    waiter_->Close();
    waiter_.reset();
  }

  Napi::Value Arm(const Napi::CallbackInfo& info) {
    if (!info[0].IsNumber() || std::isnan(info[0].As<Napi::Number>().DoubleValue())) {
      Napi::TypeError::New(info.Env(), "arm takes a number of milliseconds").ThrowAsJavaScriptException();
      return info.Env().Undefined();
    }
    const double timeout = info[0].As<Napi::Number>().DoubleValue();
    const bool unlimited = std::isinf(timeout) && timeout > 0;
    const double bounded = std::fmin(std::fmax(timeout, 0), kLongestWaitMilliseconds);
    if (waiter_ != nullptr) waiter_->Arm(unlimited ? -1 : static_cast<int64_t>(std::ceil(bounded * 1e6)));
    return info.Env().Undefined();
  }
  Napi::Value Wake(const Napi::CallbackInfo& info) {
    if (waiter_ != nullptr) waiter_->Wake();
    return info.Env().Undefined();
  }
  Napi::Value Ref(const Napi::CallbackInfo& info) {
    if (waiter_ != nullptr) waiter_->Ref(info.Env(), true);
    return info.Env().Undefined();
  }
  Napi::Value Unref(const Napi::CallbackInfo& info) {
    if (waiter_ != nullptr) waiter_->Ref(info.Env(), false);
    return info.Env().Undefined();
  }
  Napi::Value Close(const Napi::CallbackInfo& info) {
    Release();
    return info.Env().Undefined();
  }

  napi_env env_;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace

void InitWaiterThread(Napi::Env env, Napi::Object exports) { exports.Set("WaiterThread", WaiterThread::Define(env)); }

}  // namespace loop
