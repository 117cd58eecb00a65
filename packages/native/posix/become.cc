#include "posix/become.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace loop {

namespace {

// Puts `source` in the place of standard descriptor `target`.
bool Place(int source, int target) {
  if (source == kInherit) return SetInheritable(target, true) || errno == EBADF;
  if (source != kNull) return dup2(source, target) == target;
  source = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (source < 0) return false;
  return source == target ? SetInheritable(target, true) : dup2(source, target) == target;
}

bool ArrangeDescriptors(const ChildPlan& plan, const ChildCalls& calls) {
  for (int target = 0; target < 3; target++) {
    if (!Place(plan.standard[target], target)) return false;
  }
  if (plan.close_others) calls.MarkOthers();
  for (size_t index = 0; index < plan.kept_count; index++) {
    const Kept& kept = plan.kept[index];
    if (kept.target > STDERR_FILENO && dup2(kept.source, kept.target) < 0) return false;
  }
  return true;
}

// Gives the call that failed with errno; returns only then.
Call Run(const ChildPlan& plan, const ChildCalls& calls) {
  calls.ResetSignals();
  if (plan.new_session && setsid() < 0) return Call::kSession;
  if (plan.terminal >= 0 && ioctl(plan.terminal, TIOCSCTTY, 0) < 0) return Call::kTerminal;
  if (plan.process_group >= 0 && setpgid(0, plan.process_group) < 0) return Call::kProcessGroup;
  if (!ArrangeDescriptors(plan, calls)) return Call::kDescriptors;
  if (plan.directory != nullptr && chdir(plan.directory) < 0) return Call::kDirectory;
  if (plan.file_mode_mask >= 0) umask(static_cast<mode_t>(plan.file_mode_mask));
  if (plan.set_groups && calls.SetGroups(plan.group_count, plan.groups) < 0) return Call::kGroups;
  if (plan.group >= 0 && calls.SetGroup(static_cast<gid_t>(plan.group)) < 0) return Call::kGroup;
  if (plan.user >= 0 && calls.SetUser(static_cast<uid_t>(plan.user)) < 0) return Call::kUser;
  calls.LetSignalsIn();
  // As a shell does: the first that can be run; else the reason why one that is there cannot.
  int refusal = ENOENT;
  for (char* const* file = plan.files; *file != nullptr; file++) {
    execve(*file, plan.arguments, plan.environment);
    if (errno != ENOENT && errno != ENOTDIR && refusal == ENOENT) refusal = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  errno = refusal;
  return Call::kExec;
}

}  // namespace

bool SetInheritable(int fd, bool inheritable) { return fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC) == 0; }

Failure Become(const ChildPlan& plan, const ChildCalls& calls) {
  Failure failure;
  failure.call = Run(plan, calls);
  failure.error = errno;
  return failure;
}

void Tell(int report, const Failure& failure) {
  while (write(report, &failure, sizeof failure) < 0 && errno == EINTR) {
  }
}

}  // namespace loop
