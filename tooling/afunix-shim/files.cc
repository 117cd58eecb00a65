// How Windows shows the file of a socket: as a reparse point that nobody follows.
#include "socket_file.h"

#ifndef IO_REPARSE_TAG_AF_UNIX
#define IO_REPARSE_TAG_AF_UNIX 0x80000023
#endif

namespace afunix_shim {

extern "C" BOOL WSAAPI afunix_GetFileInformationByHandleEx(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind,
                                                           void* information, DWORD size) {
  const BOOL is_told = ::GetFileInformationByHandleEx(file, kind, information, size);
  if (!is_told || kind != FileAttributeTagInfo || !IsSocketFile(file)) return is_told;
  auto* tag = static_cast<FILE_ATTRIBUTE_TAG_INFO*>(information);
  tag->FileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
  tag->ReparseTag = IO_REPARSE_TAG_AF_UNIX;
  return is_told;
}

// Opening what is behind a reparse point whose tag no filter knows fails.
extern "C" HANDLE WSAAPI afunix_CreateFileW(const wchar_t* path, DWORD access, DWORD share,
                                            SECURITY_ATTRIBUTES* security, DWORD disposition, DWORD flags,
                                            HANDLE like) {
  const HANDLE file = ::CreateFileW(path, access, share, security, disposition, flags, like);
  if (file == INVALID_HANDLE_VALUE || disposition != OPEN_EXISTING || (flags & FILE_FLAG_OPEN_REPARSE_POINT))
    return file;
  const DWORD error = GetLastError();
  const bool is_socket = IsSocketFile(file);
  SetLastError(error);
  if (!is_socket) return file;
  CloseHandle(file);
  SetLastError(ERROR_CANT_ACCESS_FILE);
  return INVALID_HANDLE_VALUE;
}

}  // namespace afunix_shim
