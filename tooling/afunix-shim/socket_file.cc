#include "socket_file.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace afunix_shim {

namespace {

constexpr char kMagic[] = "socket of afunix-shim\n";
constexpr size_t kMagicSize = sizeof kMagic - 1;
constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

std::wstring Widened(const std::string& text) {
  const int size = static_cast<int>(text.size());
  std::wstring wide(text.size(), L'\0');
  const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), size, wide.data(), size);
  wide.resize(static_cast<size_t>(length));
  return wide;
}

int ErrorOfBind(DWORD error) {
  switch (error) {
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return WSAEADDRINUSE;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      // What Windows says of a folder that is not there.
      return WSAENETDOWN;
    case ERROR_ACCESS_DENIED:
      return WSAEACCES;
    default:
      return WSAEINVAL;
  }
}

// False where it holds something else, or nothing yet: its owner is in the middle of bind.
bool ReadContent(const wchar_t* path, unsigned long* port) {
  const HANDLE file = CreateFileW(path, GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING, 0, nullptr);
  if (file == INVALID_HANDLE_VALUE) return false;
  char content[kMagicSize + 8];
  DWORD size = 0;
  const bool is_read =
      GetFileType(file) == FILE_TYPE_DISK && ReadFile(file, content, sizeof content - 1, &size, nullptr);
  const DWORD error = GetLastError();
  CloseHandle(file);
  SetLastError(error);
  content[size] = '\0';
  if (!is_read || size <= kMagicSize || memcmp(content, kMagic, kMagicSize) != 0) return false;
  *port = strtoul(content + kMagicSize, nullptr, 10);
  return *port > 0 && *port <= UINT16_MAX;
}

}  // namespace

SocketFile::SocketFile(const std::string& path) : path_(Widened(path)) {}

SocketFile::~SocketFile() {
  if (created_ == INVALID_HANDLE_VALUE) return;
  CloseHandle(created_);
  DeleteFileW(path_.c_str());
}

int SocketFile::Create() {
  // Also a folder is in use, for which CreateFileW has another error.
  if (GetFileAttributesW(path_.c_str()) != INVALID_FILE_ATTRIBUTES) return WSAEADDRINUSE;
  created_ = CreateFileW(path_.c_str(), GENERIC_WRITE, kShareAll, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  return created_ == INVALID_HANDLE_VALUE ? ErrorOfBind(GetLastError()) : 0;
}

int SocketFile::Write(uint16_t port) {
  char content[kMagicSize + 8];
  const int length = snprintf(content, sizeof content, "%s%u\n", kMagic, static_cast<unsigned>(port));
  DWORD written;
  if (!WriteFile(created_, content, static_cast<DWORD>(length), &written, nullptr)) return WSAENETDOWN;
  CloseHandle(created_);
  created_ = INVALID_HANDLE_VALUE;
  return 0;
}

int SocketFile::Read(uint16_t* port) const {
  if (GetFileAttributesW(path_.c_str()) == INVALID_FILE_ATTRIBUTES && GetLastError() == ERROR_PATH_NOT_FOUND) {
    return WSAENETDOWN;
  }
  unsigned long found;
  if (!ReadContent(path_.c_str(), &found)) return WSAECONNREFUSED;
  *port = static_cast<uint16_t>(found);
  return 0;
}

bool IsSocketFile(HANDLE handle) {
  if (GetFileType(handle) != FILE_TYPE_DISK) return false;
  // A Windows path may have 32767 characters; those of sockets, and of what tests open, are short.
  wchar_t path[1024];
  const DWORD length = GetFinalPathNameByHandleW(handle, path, 1024, FILE_NAME_NORMALIZED);
  unsigned long port;
  return length > 0 && length < 1024 && ReadContent(path, &port);
}

}  // namespace afunix_shim
