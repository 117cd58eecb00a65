// The files of Windows' Unix sockets, which neither fs.stat() nor fs.lstat() can look at: they are reparse points of a kind that
// leads nowhere.
#include <cstdio>
#include <string>

#include "winsock/socket.h"
#include "winsock/wide_string.h"

namespace loop {

namespace {

// IO_REPARSE_TAG_AF_UNIX, which older headers lack.
constexpr DWORD kSocketTag = 0x80000023;

class File {
 public:
  // The file itself, to be asked and not to be read, whoever else uses it.
  explicit File(const std::wstring& path)
      : handle_(CreateFileW(path.c_str(), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                            nullptr, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS,
                            nullptr)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) CloseHandle(handle_);
  }

  bool is_open() const { return handle_ != INVALID_HANDLE_VALUE; }

  bool IsSocket() const {
    FILE_ATTRIBUTE_TAG_INFO tag;
    return GetFileInformationByHandleEx(handle_, FileAttributeTagInfo, &tag, sizeof tag) &&
           (tag.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 && tag.ReparseTag == kSocketTag;
  }

  // No other file of the machine has it. An index may be given again, hence the time.
  std::string Identity() const {
    BY_HANDLE_FILE_INFORMATION about;
    if (!GetFileInformationByHandle(handle_, &about)) return {};
    char text[64];
    snprintf(text, sizeof text, "%lx:%lx:%lx:%lx:%lx", about.dwVolumeSerialNumber, about.nFileIndexHigh,
             about.nFileIndexLow, about.ftCreationTime.dwHighDateTime, about.ftCreationTime.dwLowDateTime);
    return text;
  }

 private:
  const HANDLE handle_;
};

// socketFile(path).
napi_value SocketFile(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  std::wstring path;
  if (!ReadWideString(env, args[0], "path", &path)) return nullptr;
  const File file(path);
  std::string identity;
  if (file.is_open()) {
    if (file.IsSocket()) identity = file.Identity();
  } else if (const DWORD error = GetLastError(); error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND) {
    return Number(env, FromWindowsError(error));
  }
  napi_value result = nullptr;
  if (identity.empty()) {
    napi_get_null(env, &result);
  } else {
    napi_create_string_latin1(env, identity.data(), identity.size(), &result);
  }
  return result;
}

}  // namespace

bool DefineSocketFile(napi_env env, napi_value sockets) {
  const Function functions[] = {{"socketFile", SocketFile}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
