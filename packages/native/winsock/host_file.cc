#include "winsock/host_file.h"

namespace loop {

namespace {

// libuv's, which every Node exports.
using GetOsHandle = HANDLE (*)(int fd);

GetOsHandle Find() {
  return reinterpret_cast<GetOsHandle>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(nullptr), "uv_get_osfhandle")));
}

}  // namespace

HANDLE HandleOfHostFile(int fd) {
  static const GetOsHandle get_os_handle = Find();
  return get_os_handle == nullptr ? INVALID_HANDLE_VALUE : get_os_handle(fd);
}

}  // namespace loop
