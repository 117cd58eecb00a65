#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <afunix.h>
// clang-format on

#include <string>

namespace afunix_shim {

// Reads a sockaddr_un: 0 and its path, which is empty where it names nothing; or the error of Winsock that a call with
// it gives.
int ReadAddress(const sockaddr* address, int size, std::string* path);

// Writes what getsockname and its like give for `path`. SOCKET_ERROR with WSAGetLastError where there is no room for
// it.
int WriteAddress(const std::string& path, sockaddr* address, int* size);

// 127.0.0.1, where the sockets of TCP are that stand for those of AF_UNIX.
sockaddr_in Loopback(uint16_t port);

// Sets the last error.
inline int Fail(int error) {
  WSASetLastError(error);
  return SOCKET_ERROR;
}

}  // namespace afunix_shim
