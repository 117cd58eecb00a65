#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/arguments.h"
#include "posix/process.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace loop {

namespace {

// By number in the C library, and there only since glibc 2.36.
constexpr idtype_t kByPidfd = static_cast<idtype_t>(3);

}  // namespace

int OpenExit(int pid) {
  const long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

int ReapChild(int pid, int exit, int* status) {
  siginfo_t ended;
  ended.si_pid = 0;
  const auto wait = [&](idtype_t type, id_t id) {
    return Retry([&] { return waitid(type, id, &ended, WEXITED | WNOHANG); });
  };
  int result = -1;
  errno = EINVAL;
  // Through the descriptor the child cannot be mistaken for a later one of its number. EINVAL: a kernel before 5.4, or a
  // descriptor of another kind.
  if (exit >= 0) result = wait(kByPidfd, static_cast<id_t>(exit));
  if (result < 0 && errno == EINVAL) result = wait(P_PID, static_cast<id_t>(pid));
  if (result < 0) return -errno;
  if (ended.si_pid == 0) return 0;
  *status = ended.si_code == CLD_EXITED ? ended.si_status : -ended.si_status;
  return 1;
}

}  // namespace loop
