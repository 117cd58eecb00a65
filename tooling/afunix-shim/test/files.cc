// What programs see of the file.
#include "check.h"

namespace {

constexpr DWORD kTag = 0x80000023;
constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

std::wstring Widened(const std::string& text) { return std::wstring(text.begin(), text.end()); }

HANDLE OpenAttributes(const std::string& path) {
  return CreateFileW(Widened(path).c_str(), FILE_READ_ATTRIBUTES, kShareAll, nullptr, OPEN_EXISTING,
                     FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, nullptr);
}

FILE_ATTRIBUTE_TAG_INFO TagOf(const std::string& path) {
  FILE_ATTRIBUTE_TAG_INFO info = {};
  const HANDLE file = OpenAttributes(path);
  Check(file != INVALID_HANDLE_VALUE && GetFileInformationByHandleEx(file, FileAttributeTagInfo, &info, sizeof info),
        "attributes of a file");
  CloseHandle(file);
  return info;
}

bool IsSocket(const FILE_ATTRIBUTE_TAG_INFO& info) {
  return (info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) && info.ReparseTag == kTag;
}

bool Opens(const std::string& path) {
  const HANDLE file = CreateFileW(Widened(path).c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING, 0, nullptr);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  return file != INVALID_HANDLE_VALUE;
}

}  // namespace

void CheckFiles(const std::string& folder) {
  const std::string path = folder + "\\socket", regular = folder + "\\regular";
  const SOCKET socket = Open(AF_UNIX);
  BindTo(socket, UnixAddress(path));
  Check(IsSocket(TagOf(path)), "the file of a socket has its tag");
  CheckError(!Opens(path), ERROR_CANT_ACCESS_FILE, "and is opened as a reparse point only");
  // About as long as the one that the stand-in makes, with a number where that has its port.
  const HANDLE file = CreateFileA(regular.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr);
  DWORD written;
  WriteFile(file, "11111111111111111111112222\n", 27, &written, nullptr);
  CloseHandle(file);
  Check(!IsSocket(TagOf(regular)) && Opens(regular), "another file is what it was");
  Check(!IsSocket(TagOf(folder)), "and so is a folder");
  closesocket(socket);
  Check(IsSocket(TagOf(path)), "the tag stays with the file");
  DeleteFileA(path.c_str());
  DeleteFileA(regular.c_str());
}
