#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <cstdint>
#include <string>

namespace afunix_shim {

// The file of a socket that is bound to a path. On Windows it is a reparse point with nothing in it; here a regular
// file that holds the port of the socket of TCP that stands for it.
class SocketFile {
 public:
  explicit SocketFile(const std::string& path);
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  // Removes the file that Create made and Write did not complete.
  ~SocketFile();

  // 0, or the error that bind gives.
  int Create();
  int Write(uint16_t port);
  // 0 and the port, or the error that connect gives.
  int Read(uint16_t* port) const;

 private:
  std::wstring path_;
  HANDLE created_ = INVALID_HANDLE_VALUE;
};

// Whether the file behind `handle` is one of ours. It may be open for nothing but its attributes.
bool IsSocketFile(HANDLE handle);

}  // namespace afunix_shim
