#include "posix/child.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "common/arguments.h"
#include "posix/descriptor.h"

// A child is born with clone(CLONE_VM | CLONE_VFORK): it borrows the parent's memory until exec, and the calling thread
// sleeps until then. A fork would copy the page tables of the whole process first, 50 ms and more for one of gigabytes,
// and then fault in every page that either side writes.
//
// What the child runs is therefore under the rules of a signal handler, and two more. It has the calling thread's errno
// and everything else in common with its parent, whose other threads go on, so it changes nothing but its own stack. And
// it makes system calls itself where the C library's function acts on all threads (setuid and its like) or keeps state in
// memory (sigaction, _exit). The descriptor table, signal dispositions, working directory and mask are the child's own.
//
// What fails in the child is told through a pipe that exec closes. The memory that both share would do on a plain kernel;
// but a child that changes its user is forked, and an emulator (qemu-user) turns every vfork into a fork.

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace loop {

namespace {

constexpr unsigned kCloseOnExec = 1u << 2;  // CLOSE_RANGE_CLOEXEC

// Room for the frames of the functions below and a directory buffer.
constexpr size_t kStackSize = 64 * 1024;

// The kernel's set, without the C library's exceptions for signals of its own.
constexpr size_t kSignalSetSize = 8;
constexpr int kSignals = 64;

constexpr const char* kCallNames[] = {
    "clone", "dup2", "chdir", "setsid", "ioctl", "setpgid", "setgroups", "setgid", "setuid", "execve",
};

struct Failure {
  int error;
  Call call;
};

struct Birth {
  const ChildPlan* plan;
  // The end of the pipe that a failure is written to.
  int report;
};

void LetSignalsIn() {
  const uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
}

bool SetInheritable(int fd, bool inheritable) { return fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC) == 0; }

// Exec would do it for what is caught. But signals are let in before that, when a handler would still run in the parent's
// memory; and what is ignored stays so across exec, while Node ignores SIGPIPE only for itself.
void ResetSignals() {
  // The layout differs between processors, all zeros is the default action on each.
  const char action[64] = {};
  for (int signal = 1; signal <= kSignals; signal++) {
    if (signal != SIGKILL && signal != SIGSTOP) {
      syscall(SYS_rt_sigaction, signal, action, nullptr, kSignalSetSize);
    }
  }
}

struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

// For kernels before 5.11: what the process has open stands in a directory.
bool MarkListed() {
  const int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  alignas(DirectoryEntry) char buffer[4096];
  for (;;) {
    const long size = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (size <= 0) {
      close(directory);
      return size == 0;
    }
    for (long at = 0; at < size;) {
      const DirectoryEntry* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      int fd = 0;
      const char* digit = entry->name;
      for (; *digit >= '0' && *digit <= '9'; digit++) fd = fd * 10 + (*digit - '0');
      if (digit != entry->name && fd > STDERR_FILENO) SetInheritable(fd, false);
      at += entry->length;
    }
  }
}

void MarkOthers() {
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, kCloseOnExec) == 0 || MarkListed()) return;
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = STDERR_FILENO + 1; fd < limit; fd++) SetInheritable(fd, false);
}

// Puts `source` in the place of standard descriptor `target`.
bool Place(int source, int target) {
  if (source == kInherit) return SetInheritable(target, true) || errno == EBADF;
  if (source != kNull) return dup2(source, target) == target;
  source = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (source < 0) return false;
  return source == target ? SetInheritable(target, true) : dup2(source, target) == target;
}

bool ArrangeDescriptors(const ChildPlan& plan) {
  for (int target = 0; target < 3; target++) {
    if (!Place(plan.standard[target], target)) return false;
  }
  if (plan.close_others) MarkOthers();
  for (size_t index = 0; index < plan.kept_count; index++) {
    const Kept& kept = plan.kept[index];
    if (kept.target > STDERR_FILENO && dup2(kept.source, kept.target) < 0) return false;
  }
  return true;
}

// Gives the call that failed with errno; returns only then.
Call Become(const ChildPlan& plan) {
  ResetSignals();
  if (plan.new_session && setsid() < 0) return Call::kSession;
  if (plan.terminal >= 0 && ioctl(plan.terminal, TIOCSCTTY, 0) < 0) return Call::kTerminal;
  if (plan.process_group >= 0 && setpgid(0, plan.process_group) < 0) return Call::kProcessGroup;
  if (!ArrangeDescriptors(plan)) return Call::kDescriptors;
  if (plan.directory != nullptr && chdir(plan.directory) < 0) return Call::kDirectory;
  if (plan.file_mode_mask >= 0) umask(static_cast<mode_t>(plan.file_mode_mask));
  if (plan.set_groups && syscall(SYS_setgroups, plan.group_count, plan.groups) < 0) return Call::kGroups;
  if (plan.group >= 0 && syscall(SYS_setgid, static_cast<gid_t>(plan.group)) < 0) return Call::kGroup;
  if (plan.user >= 0 && syscall(SYS_setuid, static_cast<uid_t>(plan.user)) < 0) return Call::kUser;
  LetSignalsIn();
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

int RunChild(void* data) {
  const Birth* birth = static_cast<const Birth*>(data);
  Failure failure;
  failure.call = Become(*birth->plan);
  failure.error = errno;
  while (write(birth->report, &failure, sizeof failure) < 0 && errno == EINTR) {
  }
  for (;;) syscall(SYS_exit_group, 127);
}

class Stack {
 public:
  Stack() : memory_(mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~Stack() {
    if (memory_ != MAP_FAILED) munmap(memory_, kStackSize);
  }
  bool usable() const { return memory_ != MAP_FAILED; }
  // It grows downwards on every processor that we build for.
  void* top() const { return static_cast<char*>(memory_) + kStackSize; }

 private:
  void* const memory_;
};

// A child that changes who it is must not do so in borrowed memory: the kernel would take the parent, too, for a process
// that others may not inspect (PR_SET_DUMPABLE), and for a moment the new user could write into it.
bool ChangesIdentity(const ChildPlan& plan) {
  return (plan.user >= 0 && static_cast<uid_t>(plan.user) != geteuid()) ||
         (plan.group >= 0 && static_cast<gid_t>(plan.group) != getegid());
}

}  // namespace

const char* CallName(Call call) {
  const size_t index = static_cast<size_t>(call);
  return index < sizeof kCallNames / sizeof *kCallNames ? kCallNames[index] : "spawn";
}

Report::~Report() {
  for (const int fd : pair_) {
    if (fd >= 0) close(fd);
  }
}

int Report::Open() {
  if (OpenBlockingPipe(pair_) < 0) return -errno;
  if (pair_[1] > STDERR_FILENO) return 0;
  // The child puts other things there.
  const int moved = fcntl(pair_[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0) return -errno;
  close(std::exchange(pair_[1], moved));
  return 0;
}

bool Report::Receive(void* failure, size_t size) {
  close(std::exchange(pair_[1], -1));
  return Retry([&] { return read(pair_[0], failure, size); }) == static_cast<ssize_t>(size);
}

int StartChild(const ChildPlan& plan, Report* report, Call* failed) {
  *failed = Call::kClone;
  const Stack stack;
  if (!stack.usable()) return -ENOMEM;
  Birth birth = {&plan, report->writer()};
  const int borrowing = ChangesIdentity(plan) ? 0 : CLONE_VM | CLONE_VFORK;
  const pid_t pid = clone(RunChild, stack.top(), borrowing | SIGCHLD, &birth);
  if (pid < 0) return -errno;
  Failure failure;
  if (!report->Receive(&failure, sizeof failure)) return pid;
  siginfo_t info;
  Retry([&] { return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED); });
  *failed = failure.call;
  return -failure.error;
}

}  // namespace loop
