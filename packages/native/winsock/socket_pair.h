#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <cstdint>

namespace loop {

// Two sockets of `family` (AF_INET, AF_INET6) over the loopback interface that are connected with each other, which is what
// Windows can have in the place of socketpair(2). 0, or -errno.
int32_t OpenSocketPair(int family, int type, int protocol, SOCKET pair[2]);

}  // namespace loop
