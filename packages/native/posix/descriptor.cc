#include "posix/descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/arguments.h"

namespace loop {

#ifdef SOCK_NONBLOCK

int OpenSocket(int family, int type, int protocol) {
  return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int OpenSocketPair(int family, int type, int protocol, int pair[2]) {
  return ::socketpair(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol, pair);
}

int OpenPipe(int pair[2]) { return ::pipe2(pair, O_NONBLOCK | O_CLOEXEC); }

int OpenBlockingPipe(int pair[2]) { return ::pipe2(pair, O_CLOEXEC); }

int AcceptSocket(int listener) {
  return Retry([&] { return ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); });
}

#else

namespace {

// Closes what could not be set up, and keeps the reason.
int Adopt(int fd) {
  if (fd < 0) return fd;
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

int AdoptPair(int result, int pair[2]) {
  if (result < 0) return result;
  const int first = Adopt(pair[0]);
  const int first_error = errno;
  const int second = Adopt(pair[1]);
  if (first >= 0 && second >= 0) return 0;
  const int error = first < 0 ? first_error : errno;
  if (first >= 0) ::close(first);
  if (second >= 0) ::close(second);
  errno = error;
  return -1;
}

}  // namespace

int OpenSocket(int family, int type, int protocol) { return Adopt(::socket(family, type, protocol)); }

int OpenSocketPair(int family, int type, int protocol, int pair[2]) {
  return AdoptPair(::socketpair(family, type, protocol, pair), pair);
}

int OpenPipe(int pair[2]) { return AdoptPair(::pipe(pair), pair); }

int OpenBlockingPipe(int pair[2]) {
  if (OpenPipe(pair) < 0) return -1;
  for (int end = 0; end < 2; end++) ::fcntl(pair[end], F_SETFL, ::fcntl(pair[end], F_GETFL) & ~O_NONBLOCK);
  return 0;
}

int AcceptSocket(int listener) {
  return Adopt(Retry([&] { return ::accept(listener, nullptr, nullptr); }));
}

#endif

int Duplicate(int fd) { return ::fcntl(fd, F_DUPFD_CLOEXEC, 0); }

}  // namespace loop
