#include "common/wake_pipe.h"

#include "winsock/socket.h"
#include "winsock/socket_pair.h"

// Of sockets, for select() knows nothing else.

namespace loop {

namespace {

SOCKET SocketOf(int fd) { return static_cast<SOCKET>(static_cast<unsigned int>(fd)); }

}  // namespace

int WakePipe::Open() {
  SOCKET sockets[2];
  const int32_t error = OpenSocketPair(AF_INET, SOCK_DGRAM, 0, sockets);
  if (error != 0) return error;
  pair_[0] = static_cast<int>(sockets[0]);
  pair_[1] = static_cast<int>(sockets[1]);
  return 0;
}

void WakePipe::Close() {
  for (int& fd : pair_) {
    if (fd >= 0) closesocket(SocketOf(fd));
    fd = -1;
  }
}

void WakePipe::Signal() {
  const char byte = 0;
  // A full buffer is as good: it is readable already.
  ::send(SocketOf(pair_[1]), &byte, 1, 0);
}

void WakePipe::Drain() {
  char bytes[64];
  while (::recv(SocketOf(pair_[0]), bytes, sizeof bytes, 0) > 0) {
  }
}

}  // namespace loop
