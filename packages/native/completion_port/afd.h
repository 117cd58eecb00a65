#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>
// clang-format on

namespace loop {

// The driver behind Winsock tells when a socket is ready: what select() asks, without its limits, and as an operation that
// comes back through a completion port. Not in any header, and relied on by so many programs that it cannot change.

constexpr ULONG kAfdReceive = 0x0001;
constexpr ULONG kAfdReceiveExpedited = 0x0002;
constexpr ULONG kAfdSend = 0x0004;
constexpr ULONG kAfdDisconnect = 0x0008;
constexpr ULONG kAfdAbort = 0x0010;
constexpr ULONG kAfdLocalClose = 0x0020;
constexpr ULONG kAfdAccept = 0x0080;
constexpr ULONG kAfdConnectFail = 0x0100;

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

// Opens a way to the driver, and binds it to `port`; null, and GetLastError, where that fails.
HANDLE OpenAfd(HANDLE port);

// Begins to wait for `socket`; the packet comes for `overlapped`. 0, or -errno.
int AfdPoll(HANDLE afd, SOCKET socket, ULONG events, AfdPollInfo* info, OVERLAPPED* overlapped);

}  // namespace loop
