#pragma once

#include <memory>
#include <mutex>

#include "winprocess/child.h"

namespace loop {

// A child on its way, which a thread starts, and then the child itself. JavaScript's object and the thread share it.
class Birth {
 public:
  explicit Birth(ChildPlan plan);
  ~Birth();

  // Starts the thread; 0, or -errno.
  static int32_t Begin(const std::shared_ptr<Birth>& birth);

  // What to wait for: until it is known how the start went, and once that was asked for, until the child ends. Null when closed.
  HANDLE handle() const;

  // The process id, or -errno; -EAGAIN: not known yet. The answer is the same when it is asked again.
  int64_t Outcome(Failed* failed);

  // Null as long as its outcome was not asked for, and when it is closed.
  const Child* child() const { return child_.process ? &child_ : nullptr; }

  // Lets go of the child. One whose outcome nobody has asked for is ended.
  void Close();

 private:
  static DWORD CALLBACK Main(void* birth);
  void Start();

  ChildPlan plan_;
  // Signalled when the outcome is known. JavaScript's thread closes it.
  UniqueHandle known_;

  std::mutex mutex_;
  // What the thread has to say, under the mutex.
  bool is_known_ = false;
  bool is_abandoned_ = false;
  int32_t error_ = 0;
  Failed failed_ = Failed::kOther;
  Child born_;

  // Of JavaScript's thread alone.
  Child child_;
  bool is_asked_ = false;
};

}  // namespace loop
