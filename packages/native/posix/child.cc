#include "posix/child.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/arguments.h"
#include "posix/descriptor.h"

namespace loop {

namespace {

// From the second on.
constexpr const char* kCallNames[] = {
    "dup2", "chdir", "setsid", "ioctl", "setpgid", "setgroups", "setgid", "setuid", "execve",
};

}  // namespace

const char* CallName(Call call) {
  if (call == Call::kBirth) return kBirthCall;
  const size_t index = static_cast<size_t>(call) - 1;
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

}  // namespace loop
