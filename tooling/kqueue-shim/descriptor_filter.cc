#include "descriptor_filter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <cerrno>

namespace kqueue_shim {

namespace {

constexpr long kPipeFileSystem = 0x50495045;  // PIPEFS_MAGIC

bool IsAnonymousPipe(int fd) {
  struct statfs system;
  return fstatfs(fd, &system) == 0 && system.f_type == kPipeFileSystem;
}

// Of character devices only terminals have a kqueue filter, and /dev/tty, which stands for one, has none.
bool HasFilter(const struct stat& status) {
  const unsigned number = major(status.st_rdev);
  const bool is_terminal = number == 4 || (number >= 136 && number <= 143);
  return is_terminal || (number == 5 && minor(status.st_rdev) == 2);
}

}  // namespace

int CheckDescriptor(int fd, int16_t filter) {
  struct stat status;
  if (fstat(fd, &status) < 0) return errno;
  if (S_ISCHR(status.st_mode) && !HasFilter(status)) return EINVAL;
  if (!S_ISFIFO(status.st_mode) || filter != EVFILT_WRITE) return 0;
  pollfd entry = {fd, POLLOUT, 0};
  return poll(&entry, 1, 0) > 0 && (entry.revents & POLLERR) ? EPIPE : 0;
}

bool Describe(int fd, uint32_t happened, struct kevent* event) {
  struct stat status;
  const bool is_fifo = fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
  const bool is_over = event->filter == EVFILT_READ ? happened & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)
                                                    : happened & (EPOLLHUP | EPOLLERR);
  if (is_fifo && event->filter == EVFILT_READ && !(happened & EPOLLIN) && !IsAnonymousPipe(fd)) return false;
  if (is_over) event->flags |= EV_EOF;
  int bytes = 0;
  if (event->filter == EVFILT_READ && ioctl(fd, FIONREAD, &bytes) == 0) event->data = bytes;
  return true;
}

}  // namespace kqueue_shim
