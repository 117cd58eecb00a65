#pragma once

#include "posix/child.h"

namespace loop {

// What a child does on its way that goes by other calls on each system.
class ChildCalls {
 public:
  // Every signal at its default action: handlers are the parent's, and what is ignored would stay so across exec, while
  // Node ignores SIGPIPE only for itself.
  virtual void ResetSignals() const = 0;
  virtual void LetSignalsIn() const = 0;
  // Marks every descriptor above the standard ones as close-on-exec.
  virtual void MarkOthers() const = 0;
  // 0, or -1 with errno.
  virtual int SetGroups(size_t count, const gid_t* groups) const = 0;
  virtual int SetGroup(gid_t group) const = 0;
  virtual int SetUser(uid_t user) const = 0;

 protected:
  ~ChildCalls() = default;
};

// What a child that failed writes to its report.
struct Failure {
  int error;
  Call call;
};

// Turns the process that calls it, which is the child, into the program of its plan. Returns only what went wrong. It may
// share its parent's memory or have been forked by one of many threads, so nothing here allocates or locks.
Failure Become(const ChildPlan& plan, const ChildCalls& calls);

// Writes it for the parent.
void Tell(int report, const Failure& failure);

bool SetInheritable(int fd, bool inheritable);

}  // namespace loop
