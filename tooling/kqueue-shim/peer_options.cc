// LOCAL_PEERCRED and LOCAL_PEERPID of macOS' Unix sockets over SO_PEERCRED; the linker (--wrap) leads getsockopt here.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "peer_options.h"

extern "C" int __real_getsockopt(int fd, int level, int name, void* value, socklen_t* size);

namespace {

// As XNU lays it out.
struct xucred {
  unsigned int cr_version;
  uid_t cr_uid;
  short cr_ngroups;
  gid_t cr_groups[16];
};

bool IsUnix(int fd) {
  int family = 0;
  socklen_t size = sizeof family;
  return __real_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_UNIX;
}

int Give(const void* answer, size_t answer_size, void* value, socklen_t* size) {
  *size = static_cast<socklen_t>(std::min<size_t>(*size, answer_size));
  memcpy(value, answer, *size);
  return 0;
}

}  // namespace

extern "C" int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  if (level != SOL_LOCAL || (name != LOCAL_PEERCRED && name != LOCAL_PEERPID) || !IsUnix(fd)) {
    return __real_getsockopt(fd, level, name, value, size);
  }
  ucred peer;
  socklen_t peer_size = sizeof peer;
  if (__real_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0) return -1;
  if (peer.pid == 0) {
    errno = ENOTCONN;
    return -1;
  }
  if (name == LOCAL_PEERPID) return Give(&peer.pid, sizeof peer.pid, value, size);
  xucred answer = {};
  answer.cr_uid = peer.uid;
  answer.cr_ngroups = 1;
  answer.cr_groups[0] = peer.gid;
  return Give(&answer, sizeof answer, value, size);
}
