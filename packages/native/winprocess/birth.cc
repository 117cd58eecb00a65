// Children are started by a thread of the system's pool, so that the loop does not wait: a virus scanner looks at every program
// that is started, and files may be on another machine.
#include "winprocess/birth.h"

#include <uv/errno.h>

#include "winsock/errors.h"

namespace loop {

namespace {

// The code that the thread runs must not be unloaded with the last environment that used this addon.
bool StayLoaded() {
  HMODULE self;
  return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                            reinterpret_cast<LPCWSTR>(&StayLoaded), &self) != 0;
}

}  // namespace

Birth::Birth(ChildPlan plan) : plan_(std::move(plan)), known_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}

Birth::~Birth() = default;

int32_t Birth::Begin(const std::shared_ptr<Birth>& birth) {
  static const bool stays = StayLoaded();
  if (!stays) return UV__ENOSYS;
  if (!birth->known_) return LastError();
  auto reference = std::make_unique<std::shared_ptr<Birth>>(birth);
  if (!QueueUserWorkItem(Main, reference.get(), WT_EXECUTELONGFUNCTION)) return LastError();
  reference.release();
  return 0;
}

DWORD CALLBACK Birth::Main(void* data) {
  const std::unique_ptr<std::shared_ptr<Birth>> birth(static_cast<std::shared_ptr<Birth>*>(data));
  (*birth)->Start();
  return 0;
}

void Birth::Start() {
  Child child;
  Failed failed;
  const int32_t error = StartChild(plan_, &child, &failed);
  // The loop should find everything closed that was held for the child.
  plan_ = ChildPlan();
  const std::lock_guard<std::mutex> lock(mutex_);
  error_ = error;
  failed_ = failed;
  if (is_abandoned_) {
    if (error == 0) TerminateChild(child, 1);
    return;
  }
  born_ = std::move(child);
  is_known_ = true;
  SetEvent(known_.get());
}

HANDLE Birth::handle() const { return child_.process ? child_.process.get() : known_.get(); }

int64_t Birth::Outcome(Failed* failed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!is_known_) return UV__EAGAIN;
  is_asked_ = true;
  *failed = failed_;
  if (error_ != 0) return error_;
  if (born_.process) child_ = std::move(born_);
  return child_.pid;
}

void Birth::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_abandoned_ = true;
  if (!is_asked_ && born_.process) TerminateChild(born_, 1);
  born_ = Child();
  child_ = Child();
  known_.Reset(nullptr);
}

}  // namespace loop
