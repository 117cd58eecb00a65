#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

namespace loop {

// The system's handle of a descriptor that the host opened (fs.open), INVALID_HANDLE_VALUE for one that is not open. The
// numbers are those of the host's own C library, so that only the host can tell.
HANDLE HandleOfHostFile(int fd);

}  // namespace loop
