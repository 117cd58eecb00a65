#include "unix_address.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace afunix_shim {

namespace {

constexpr int kPathOffset = offsetof(sockaddr_un, sun_path);

bool IsUtf8(const std::string& text) {
  return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), static_cast<int>(text.size()), nullptr, 0) > 0;
}

}  // namespace

int ReadAddress(const sockaddr* address, int size, std::string* path) {
  if (address == nullptr || size < kPathOffset || address->sa_family != AF_UNIX) return WSAEFAULT;
  const char* given = reinterpret_cast<const char*>(address) + kPathOffset;
  const size_t room = static_cast<size_t>(std::min(size - kPathOffset, UNIX_PATH_MAX));
  path->assign(given, strnlen(given, room));
  if (!path->empty()) return IsUtf8(*path) ? 0 : WSAEINVAL;
  // A NUL and a name behind it is an abstract name, which Windows documents and does not have.
  return std::all_of(given, given + room, [](char byte) { return byte == '\0'; }) ? 0 : WSAEINVAL;
}

int WriteAddress(const std::string& path, sockaddr* address, int* size) {
  const int wanted = kPathOffset + (path.empty() ? 0 : static_cast<int>(path.size()) + 1);
  if (address == nullptr || size == nullptr || *size < wanted) return Fail(WSAEFAULT);
  address->sa_family = AF_UNIX;
  if (!path.empty()) memcpy(reinterpret_cast<char*>(address) + kPathOffset, path.c_str(), path.size() + 1);
  *size = wanted;
  return 0;
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace afunix_shim
