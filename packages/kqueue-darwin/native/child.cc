#include <crt_externs.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/arguments.h"
#include "posix/become.h"

// A child is born by posix_spawn(2), a system call here: nothing of the parent is copied, and the kernel itself closes
// what the child shall not have. What it does not know (a controlling terminal, another user, a mask for files) is done by
// a child that was forked.

namespace loop {

namespace {

class LibraryCalls final : public ChildCalls {
 public:
  explicit LibraryCalls(int highest) : highest_(highest) {}

  void ResetSignals() const override {
    for (int signal = 1; signal < NSIG; signal++) ::signal(signal, SIG_DFL);
  }

  void LetSignalsIn() const override {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  void MarkOthers() const override {
    for (int fd = STDERR_FILENO + 1; fd <= highest_; fd++) SetInheritable(fd, false);
  }

  int SetGroups(size_t count, const gid_t* groups) const override {
    return setgroups(static_cast<int>(count), groups);
  }
  int SetGroup(gid_t group) const override { return setgid(group); }
  int SetUser(uid_t user) const override { return setuid(user); }

 private:
  const int highest_;
};

// The highest number that is open. What other threads open meanwhile is close-on-exec where it is Node's or ours. The
// limit would not do: it can be in the millions, and below what was opened before it was lowered.
int HighestDescriptor() {
  DIR* const directory = opendir("/dev/fd");
  if (directory == nullptr) return static_cast<int>(sysconf(_SC_OPEN_MAX)) - 1;
  int highest = STDERR_FILENO;
  while (const dirent* entry = readdir(directory)) highest = std::max(highest, atoi(entry->d_name));
  closedir(directory);
  return highest;
}

int Fork(const ChildPlan& plan, Report* report, Call* failed) {
  const LibraryCalls calls(plan.close_others ? HighestDescriptor() : -1);
  const pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    Tell(report->writer(), Become(plan, calls));
    _exit(127);
  }
  Failure failure;
  if (!report->Receive(&failure, sizeof failure)) return pid;
  Retry([&] { return waitpid(pid, nullptr, 0); });
  *failed = failure.call;
  return -failure.error;
}

// macOS starts such a program and says ENOENT all the same, when the directory is changed too.
bool HasRelativeFile(const ChildPlan& plan) {
  for (char* const* file = plan.files; *file != nullptr; file++) {
    if (**file != '/') return true;
  }
  return false;
}

bool NeedsFork(const ChildPlan& plan) {
  return plan.terminal >= 0 || plan.user >= 0 || plan.group >= 0 || plan.set_groups || plan.file_mode_mask >= 0 ||
         plan.process_group > 0 || (plan.new_session && plan.process_group == 0) ||
         (plan.directory != nullptr && HasRelativeFile(plan));
}

// What posix_spawn is told, in the order in which it does it.
class SpawnArguments {
 public:
  SpawnArguments() {
    error_ = posix_spawn_file_actions_init(&actions_);
    const int unusable = posix_spawnattr_init(&attributes_);
    if (error_ == 0) error_ = unusable;
  }
  ~SpawnArguments() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // 0 or errno.
  int Fill(const ChildPlan& plan) {
    for (int target = 0; target < 3; target++) Place(plan.standard[target], target);
    for (size_t index = 0; index < plan.kept_count; index++) {
      const Kept& kept = plan.kept[index];
      if (kept.target > STDERR_FILENO) Keep(posix_spawn_file_actions_adddup2(&actions_, kept.source, kept.target));
    }
    if (plan.directory != nullptr) Keep(posix_spawn_file_actions_addchdir_np(&actions_, plan.directory));
    sigset_t signals;
    sigfillset(&signals);
    Keep(posix_spawnattr_setsigdefault(&attributes_, &signals));
    sigemptyset(&signals);
    Keep(posix_spawnattr_setsigmask(&attributes_, &signals));
    Keep(posix_spawnattr_setpgroup(&attributes_, 0));
    int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (plan.process_group == 0) flags |= POSIX_SPAWN_SETPGROUP;
    if (plan.new_session) flags |= POSIX_SPAWN_SETSID;
    if (plan.close_others) flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
    Keep(posix_spawnattr_setflags(&attributes_, static_cast<short>(flags)));
    return error_;
  }

  int Start(const char* file, const ChildPlan& plan, pid_t* pid) const {
    return posix_spawn(pid, file, &actions_, &attributes_, plan.arguments, plan.environment);
  }

 private:
  void Keep(int error) {
    if (error_ == 0) error_ = error;
  }

  void Place(int source, int target) {
    if (source == kNull) {
      Keep(posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", O_RDWR, 0));
    } else if (source != kInherit) {
      Keep(posix_spawn_file_actions_adddup2(&actions_, source, target));
    } else if (fcntl(target, F_GETFD) >= 0) {
      // One that is closed stays closed, and would be an error here.
      Keep(posix_spawn_file_actions_addinherit_np(&actions_, target));
    }
  }

  int error_;
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// posix_spawn does not tell what failed, but a directory can be looked at.
int DirectoryError(const char* directory) {
  struct stat status;
  if (stat(directory, &status) < 0) return errno;
  if (!S_ISDIR(status.st_mode)) return ENOTDIR;
  return access(directory, X_OK) < 0 ? errno : 0;
}

int Spawn(const ChildPlan& plan, Call* failed) {
  SpawnArguments arguments;
  const int unusable = arguments.Fill(plan);
  if (unusable != 0) return -unusable;
  // As a shell does: the first that can be run; else the reason why one that is there cannot.
  int refusal = ENOENT;
  for (char* const* file = plan.files; *file != nullptr; file++) {
    pid_t pid;
    const int error = arguments.Start(*file, plan, &pid);
    if (error == 0) return pid;
    // That is of the process, not of the file.
    if (error == EAGAIN || error == ENOMEM) return -error;
    if (error != ENOENT && error != ENOTDIR && refusal == ENOENT) refusal = error;
    if (error != ENOENT && error != ENOTDIR && error != EACCES) break;
  }
  const int directory_error = plan.directory == nullptr ? 0 : DirectoryError(plan.directory);
  *failed = directory_error == 0 ? Call::kExec : Call::kDirectory;
  return directory_error == 0 ? -refusal : -directory_error;
}

}  // namespace

const char* const kBirthCall = "posix_spawn";

// A library that is loaded has no `environ` of its own.
char** Environment() { return *_NSGetEnviron(); }

int StartChild(const ChildPlan& plan, Report* report, Call* failed) {
  *failed = Call::kBirth;
  return NeedsFork(plan) ? Fork(plan, report, failed) : Spawn(plan, failed);
}

}  // namespace loop
