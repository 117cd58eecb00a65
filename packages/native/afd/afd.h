#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>
// clang-format on

#include <cstdint>

namespace loop {

// The driver behind Winsock tells when a socket is ready: what select() asks, without its limits, and as an operation that
// comes back through a completion port. Not in any header, and relied on by so many programs that it cannot change.

struct AfdPollHandle {
  HANDLE handle;
  ULONG events;
  NTSTATUS status;
};

struct AfdPollInfo {
  LARGE_INTEGER timeout;
  ULONG count;
  ULONG is_exclusive;
  AfdPollHandle handles[1];
};

// What to ask for when kRead and kWrite of poller.h are wanted: their errors and ends are told, too.
ULONG AfdEvents(int32_t mask);
// What came of it as kRead and kWrite; -1 when the socket was closed meanwhile.
int32_t AfdMask(const AfdPollInfo& info);

// Opens a way to the driver, and binds it to `port`; null, and GetLastError, where that fails.
HANDLE OpenAfd(HANDLE port);

// Begins to wait for `socket`; the packet comes for `overlapped`. 0, or -errno.
int AfdPoll(HANDLE afd, SOCKET socket, ULONG events, AfdPollInfo* info, OVERLAPPED* overlapped);

}  // namespace loop
