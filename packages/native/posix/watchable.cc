#include <sys/stat.h>

#include <cerrno>

#include "common/registrations.h"

namespace loop {

int CanBeWatched(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode) ? -EPERM : 0;
}

}  // namespace loop
