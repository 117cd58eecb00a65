#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <afunix.h>
// clang-format on

#include <cstring>
#include <string>

// Counts, and tells what does not hold.
void Check(bool holds, const char* what);

// An error of Winsock that the last call must have given.
inline void CheckError(bool has_failed, int wanted, const char* what) {
  const int error = WSAGetLastError();
  Check(has_failed && error == wanted, what);
}

struct UnixAddress {
  sockaddr_un storage = {};
  int size = sizeof storage.sun_family;

  UnixAddress() { storage.sun_family = AF_UNIX; }
  explicit UnixAddress(const std::string& path) : UnixAddress() {
    memcpy(storage.sun_path, path.data(), path.size());
    size += static_cast<int>(path.size()) + 1;
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  // What getsockname and its like gave.
  bool Names(const std::string& path) const {
    const int wanted = static_cast<int>(sizeof storage.sun_family + (path.empty() ? 0 : path.size() + 1));
    return size == wanted && storage.sun_family == AF_UNIX && (path.empty() || path == storage.sun_path);
  }
};

inline SOCKET Open(int family) {
  return WSASocketW(family, SOCK_STREAM, 0, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

inline int BindTo(SOCKET socket, UnixAddress address) { return bind(socket, address.get(), address.size); }

inline bool Exists(const std::string& path) { return GetFileAttributesA(path.c_str()) != INVALID_FILE_ATTRIBUTES; }

using NameCall = int(WSAAPI*)(SOCKET, sockaddr*, int*);

// False also where the call fails.
inline bool IsNamed(NameCall call, SOCKET socket, const std::string& path) {
  UnixAddress address;
  address.size = sizeof address.storage;
  return call(socket, address.get(), &address.size) == 0 && address.Names(path);
}

// The parts of the check, a file each. `folder` is empty.
void CheckBinding(const std::string& folder);
void CheckConnecting(const std::string& folder);
void CheckFiles(const std::string& folder);
