#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "common/arguments.h"
#include "posix/become.h"

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

struct Birth {
  const ChildPlan* plan;
  // The end of the pipe that a failure is written to.
  int report;
};

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

class SystemCalls final : public ChildCalls {
 public:
  // Exec would do it for what is caught. But signals are let in before that, when a handler would still run in the
  // parent's memory.
  void ResetSignals() const override {
    // The layout differs between processors, all zeros is the default action on each.
    const char action[64] = {};
    for (int signal = 1; signal <= kSignals; signal++) {
      if (signal != SIGKILL && signal != SIGSTOP) {
        syscall(SYS_rt_sigaction, signal, action, nullptr, kSignalSetSize);
      }
    }
  }

  void LetSignalsIn() const override {
    const uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
  }

  void MarkOthers() const override {
    if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, kCloseOnExec) == 0 || MarkListed()) return;
    const long limit = sysconf(_SC_OPEN_MAX);
    for (int fd = STDERR_FILENO + 1; fd < limit; fd++) SetInheritable(fd, false);
  }

  int SetGroups(size_t count, const gid_t* groups) const override {
    return static_cast<int>(syscall(SYS_setgroups, count, groups));
  }
  int SetGroup(gid_t group) const override { return static_cast<int>(syscall(SYS_setgid, group)); }
  int SetUser(uid_t user) const override { return static_cast<int>(syscall(SYS_setuid, user)); }
};

int RunChild(void* data) {
  const Birth* birth = static_cast<const Birth*>(data);
  Tell(birth->report, Become(*birth->plan, SystemCalls()));
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

const char* const kBirthCall = "clone";

char** Environment() { return environ; }

int StartChild(const ChildPlan& plan, Report* report, Call* failed) {
  *failed = Call::kBirth;
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
