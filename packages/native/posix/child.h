#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace loop {

// A further descriptor of the child: which one of the parent's (above 2) becomes which number.
struct Kept {
  int source;
  int target;
};

// The pipe through which a child tells what failed; exec closes it.
class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report();

  // 0 or -errno.
  int Open();
  int writer() const { return pair_[1]; }
  // Waits until the child has reported or become its program; false for the latter.
  bool Receive(void* failure, size_t size);

 private:
  int pair_[2] = {-1, -1};
};

// Everything that a child does between its birth and exec, prepared by its parent: the child shares the parent's memory
// and may not allocate, lock or throw.
struct ChildPlan {
  // The files to try, in order, for the first that is there; ends with null, as do the two that follow.
  char* const* files;
  char* const* arguments;
  char* const* environment;
  // Null: the parent's.
  const char* directory;
  // What becomes of descriptors 0, 1 and 2: a descriptor of the parent's that is above them, or one of the two below.
  int standard[3];
  const Kept* kept;
  size_t kept_count;
  // Whether every other descriptor is closed, or only those that are close-on-exec.
  bool close_others;
  bool new_session;
  // A terminal that controls the new session, or -1.
  int terminal;
  // -1: the parent's; 0: one of its own.
  pid_t process_group;
  // -1: the parent's.
  int64_t user;
  int64_t group;
  const gid_t* groups;
  size_t group_count;
  bool set_groups;
  int file_mode_mask;
};

constexpr int kInherit = -1;
constexpr int kNull = -2;

// What a start is made of, in the order of the names that errors give them.
enum class Call : int {
  kBirth,
  kDescriptors,
  kDirectory,
  kSession,
  kTerminal,
  kProcessGroup,
  kGroups,
  kGroup,
  kUser,
  kExec,
};

// By what call the system bears processes.
extern const char* const kBirthCall;

const char* CallName(Call call);

// Each backend gives its own: starts a child with all signals at their defaults and let in. The process id, or -errno and
// what failed, whether in the parent or the child; a child that failed leaves nothing behind. The calling thread must
// have every signal blocked: a handler of the parent's that ran in the child would act on the parent's memory.
int StartChild(const ChildPlan& plan, Report* report, Call* failed);

// Each backend gives its own: the environment as the C library has it.
char** Environment();

}  // namespace loop
