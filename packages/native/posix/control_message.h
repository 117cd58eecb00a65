#pragma once

#include <sys/socket.h>

namespace loop {

// CMSG_NXTHDR (cmsg(3)) without the warning that musl's form of it gives: the macro compares the length of a control
// message with a difference of pointers, and as a macro of a system header that is included by us it is held to our
// -Wsign-compare. The difference is never negative, because the system wrote both ends.
inline cmsghdr* NextControlMessage(msghdr* message, cmsghdr* control) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
  return CMSG_NXTHDR(message, control);
#pragma GCC diagnostic pop
}

}  // namespace loop
