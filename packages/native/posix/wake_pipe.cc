#include "common/wake_pipe.h"

#include <unistd.h>

#include <cerrno>

#include "posix/descriptor.h"

namespace loop {

int WakePipe::Open() { return OpenPipe(pair_) < 0 ? -errno : 0; }

void WakePipe::Close() {
  for (int& fd : pair_) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
}

void WakePipe::Signal() {
  const char byte = 0;
  // A full pipe is as good: it is readable already.
  while (write(pair_[1], &byte, 1) < 0 && errno == EINTR) {
  }
}

void WakePipe::Drain() {
  char bytes[64];
  while (read(pair_[0], bytes, sizeof bytes) == sizeof bytes) {
  }
}

}  // namespace loop
