#pragma once

#include <string>

#include "socket_file.h"
#include "unix_address.h"

namespace afunix_shim {

// Where to connect for a sockaddr_un: 0 and the address of TCP, or the error that connect and ConnectEx give. That
// nobody listens there is for the connection itself to find.
inline int FindPeer(const sockaddr* address, int size, std::string* path, sockaddr_in* to) {
  if (const int error = ReadAddress(address, size, path); error != 0) return error;
  if (path->empty()) return WSAEINVAL;
  uint16_t port;
  if (const int error = SocketFile(*path).Read(&port); error != 0) return error;
  *to = Loopback(port);
  return 0;
}

}  // namespace afunix_shim
