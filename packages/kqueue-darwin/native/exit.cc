#include <fcntl.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arguments.h"
#include "posix/process.h"

// What a pidfd is on Linux is here a kqueue with one process in it: it is readable when there is something to tell, for
// any mechanism, another kqueue and select(2) too.

namespace loop {

namespace {

constexpr timespec kAtOnce = {0, 0};

int Apply(int queue, uintptr_t ident, int16_t filter, uint16_t flags, uint32_t fflags) {
  struct kevent change = {};
  change.ident = ident;
  change.filter = filter;
  change.flags = flags;
  change.fflags = fflags;
  return kevent(queue, &change, 1, nullptr, 0, &kAtOnce) < 0 ? errno : 0;
}

// 0 or errno.
int Watch(int queue, int pid) {
  // The queue is not inherited by fork, but its number is by exec.
  if (fcntl(queue, F_SETFD, FD_CLOEXEC) < 0) return errno;
  const int error = Apply(queue, static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT);
  if (error != ESRCH) return error;
  // A child that has ended cannot be watched any more, though it waits to be reaped: its queue has something to tell now.
  siginfo_t ended = {};
  const int result = Retry([&] { return waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT); });
  if (result < 0) return error;
  const int refused = Apply(queue, 0, EVFILT_USER, EV_ADD, 0);
  return refused != 0 ? refused : Apply(queue, 0, EVFILT_USER, 0, NOTE_TRIGGER);
}

}  // namespace

int OpenExit(int pid) {
  if (pid <= 0) return -EINVAL;
  const int queue = kqueue();
  if (queue < 0) return -errno;
  const int error = Watch(queue, pid);
  if (error == 0) return queue;
  close(queue);
  return -error;
}

int ReapChild(int pid, int exit, int* status) {
  int options = WNOHANG;
  if (exit >= 0) {
    struct kevent told;
    const int count = kevent(exit, nullptr, 0, &told, 1, &kAtOnce);
    if (count < 0) return -errno;
    if (count == 0) return 0;
    // The kernel tells of an exit a moment before the child can be reaped, and it tells once.
    options = 0;
  }
  int state;
  const pid_t result = Retry([&] { return waitpid(pid, &state, options); });
  if (result < 0) return -errno;
  if (result == 0) return 0;
  *status = WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
  return 1;
}

}  // namespace loop
