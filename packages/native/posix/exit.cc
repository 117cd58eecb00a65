#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "common/arguments.h"
#include "posix/descriptor.h"
#include "posix/detached_thread.h"
#include "posix/process.h"

// How a parent learns of its child's end. It waits for one process at a time: a wait for any child would take away those
// of the host and of other libraries.

namespace loop {

namespace {

bool ReadPid(const Arguments<1>& args, pid_t* pid) { return args.Int(0, "pid", pid); }

// A process id of 0 or less means many children to some calls, and to none of ours.
bool IsOne(pid_t pid) { return pid > 0; }

napi_value PidfdOpen(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  pid_t pid;
  if (!ReadPid(args, &pid)) return nullptr;
  return Number(env, OpenExit(pid));
}

struct Wait {
  pid_t pid;
  // Closed at the end, which makes the other end of the pipe readable. -1: nobody looks, and the child is reaped here.
  int end;
};

void* AwaitEnd(void* data) {
  const std::unique_ptr<Wait> wait(static_cast<Wait*>(data));
  siginfo_t info;
  // Left as it is for the loop's thread, so that its number stays taken until the loop knows that it is gone.
  const int options = WEXITED | (wait->end < 0 ? 0 : WNOWAIT);
  Retry([&] { return waitid(P_PID, static_cast<id_t>(wait->pid), &info, options); });
  if (wait->end >= 0) close(wait->end);
  return nullptr;
}

// 0 or -errno.
int StartWaiting(pid_t pid, int end) {
  auto wait = std::make_unique<Wait>(Wait{pid, end});
  const int error = StartDetached(AwaitEnd, wait.get());
  if (error == 0) wait.release();
  return error;
}

// What PidfdOpen gives, from a thread that waits.
napi_value WaitInThread(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  pid_t pid;
  if (!ReadPid(args, &pid)) return nullptr;
  if (!IsOne(pid)) return Number(env, -EINVAL);
  int pair[2];
  if (OpenPipe(pair) < 0) return Outcome(env, -1);
  const int error = StartWaiting(pid, pair[1]);
  if (error == 0) return Number(env, pair[0]);
  close(pair[0]);
  close(pair[1]);
  return Number(env, error);
}

napi_value ReapLater(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  pid_t pid;
  if (!ReadPid(args, &pid)) return nullptr;
  return Number(env, IsOne(pid) ? ReapInThread(pid) : -EINVAL);
}

napi_value Reap(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  pid_t pid;
  int pidfd;
  Integers status;
  if (!args.Int(0, "pid", &pid) || !args.Descriptor(1, &pidfd, "pidfd") ||
      !ReadIntegers(env, args[2], "status", &status)) {
    return nullptr;
  }
  if (status.size < 1) {
    ThrowRange(env, "status", "at least 1 long");
    return nullptr;
  }
  if (!IsOne(pid)) return Number(env, -EINVAL);
  return Number(env, ReapChild(pid, pidfd, &status.data[0]));
}

}  // namespace

int ReapInThread(int pid) { return StartWaiting(pid, -1); }

bool DefineExit(napi_env env, napi_value processes) {
  const Function functions[] = {{"pidfdOpen", PidfdOpen},
                                {"waitInThread", WaitInThread},
                                {"reapInThread", ReapLater},
                                {"reap", Reap}};
  return DefineFunctions(env, processes, functions);
}

}  // namespace loop
