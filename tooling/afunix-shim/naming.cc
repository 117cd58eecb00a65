// What gives sockets their names, and tells them.
#include <string>

#include "connecting.h"
#include "socket_file.h"
#include "socket_table.h"
#include "unix_address.h"

namespace afunix_shim {

namespace {

int BindToLoopback(SOCKET socket, uint16_t* port) {
  sockaddr_in address = Loopback(0);
  int size = sizeof address;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return WSAGetLastError();
  }
  *port = ntohs(address.sin_port);
  return 0;
}

// The file comes first: what was bound cannot be unbound when there turns out to be no place for it.
int BindToPath(SOCKET socket, const std::string& path) {
  SocketFile file(path);
  uint16_t port;
  if (const int error = file.Create(); error != 0) return error;
  if (const int error = BindToLoopback(socket, &port); error != 0) return error;
  return file.Write(port);
}

}  // namespace

extern "C" int WSAAPI afunix_bind(SOCKET socket, const sockaddr* address, int size) {
  UnixSocket known;
  if (!Find(socket, &known)) return ::bind(socket, address, size);
  std::string path;
  uint16_t port;
  if (const int error = ReadAddress(address, size, &path); error != 0) return Fail(error);
  if (known.is_bound) return Fail(WSAEINVAL);
  const int error = path.empty() ? BindToLoopback(socket, &port) : BindToPath(socket, path);
  if (error != 0) return Fail(error);
  SetName(socket, path);
  return 0;
}

extern "C" int WSAAPI afunix_connect(SOCKET socket, const sockaddr* address, int size) {
  if (!IsOurs(socket)) return ::connect(socket, address, size);
  std::string path;
  sockaddr_in to;
  if (const int error = FindPeer(address, size, &path, &to); error != 0) return Fail(error);
  const int result = ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  const int error = result == 0 ? 0 : WSAGetLastError();
  if (result == 0 || error == WSAEWOULDBLOCK) SetPeer(socket, path);
  return result == 0 ? 0 : Fail(error);
}

extern "C" int WSAAPI afunix_getsockname(SOCKET socket, sockaddr* address, int* size) {
  UnixSocket known;
  if (!Find(socket, &known)) return ::getsockname(socket, address, size);
  sockaddr_in inet;
  int inet_size = sizeof inet;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&inet), &inet_size) != 0) return SOCKET_ERROR;
  // One that AcceptEx has accepted is connected before it knows its name.
  if (!known.is_bound) return Fail(WSAEINVAL);
  return WriteAddress(known.name, address, size);
}

extern "C" int WSAAPI afunix_getpeername(SOCKET socket, sockaddr* address, int* size) {
  UnixSocket known;
  if (!Find(socket, &known)) return ::getpeername(socket, address, size);
  sockaddr_in inet;
  int inet_size = sizeof inet;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&inet), &inet_size) != 0) return SOCKET_ERROR;
  return WriteAddress(known.peer, address, size);
}

}  // namespace afunix_shim
