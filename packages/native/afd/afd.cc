#include "afd/afd.h"

#include <mswsock.h>

#include "common/poller.h"
#include "winsock/errors.h"

namespace loop {

namespace {

constexpr ULONG kReceive = 0x0001;
constexpr ULONG kSend = 0x0004;
constexpr ULONG kDisconnect = 0x0008;
constexpr ULONG kAbort = 0x0010;
constexpr ULONG kLocalClose = 0x0020;
constexpr ULONG kAccept = 0x0080;
constexpr ULONG kConnectFail = 0x0100;

constexpr ULONG kFailures = kAbort | kConnectFail | kLocalClose;
constexpr ULONG kReadable = kReceive | kAccept | kDisconnect | kFailures;
constexpr ULONG kWritable = kSend | kFailures;

constexpr ULONG kIoctlAfdPoll = 0x00012024;
constexpr NTSTATUS kInvalidHandle = static_cast<NTSTATUS>(0xC0000008);
constexpr DWORD kSioBaseHandle = 0x48000022;

NTSTATUS Begin(HANDLE afd, SOCKET socket, ULONG events, AfdPollInfo* info, OVERLAPPED* overlapped) {
  info->timeout.QuadPart = INT64_MAX;
  info->count = 1;
  info->is_exclusive = FALSE;
  info->handles[0].handle = reinterpret_cast<HANDLE>(socket);
  info->handles[0].events = events;
  info->handles[0].status = 0;
  auto* status = reinterpret_cast<IO_STATUS_BLOCK*>(&overlapped->Internal);
  status->Status = static_cast<NTSTATUS>(STATUS_PENDING);
  return NtDeviceIoControlFile(afd, nullptr, nullptr, overlapped, status, kIoctlAfdPoll, info, sizeof *info, info,
                               sizeof *info);
}

}  // namespace

ULONG AfdEvents(int32_t mask) {
  return ((mask & kRead) != 0 ? kReadable : 0) | ((mask & kWrite) != 0 ? kWritable : 0);
}

int32_t AfdMask(const AfdPollInfo& info) {
  const ULONG found = info.count == 0 ? 0 : info.handles[0].events;
  if ((found & kLocalClose) != 0) return -1;
  return ((found & kReadable) != 0 ? kRead : 0) | ((found & kWritable) != 0 ? kWrite : 0);
}

HANDLE OpenAfd(HANDLE port) {
  // A name below the driver's can be anything.
  wchar_t path[] = L"\\Device\\Afd\\Loop";
  UNICODE_STRING name = {sizeof path - sizeof *path, sizeof path, path};
  OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, &name, 0, nullptr, nullptr);
  IO_STATUS_BLOCK status;
  HANDLE afd;
  const NTSTATUS opened = NtCreateFile(&afd, SYNCHRONIZE, &attributes, &status, nullptr, 0,
                                       FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, nullptr, 0);
  if (opened != 0) {
    SetLastError(RtlNtStatusToDosError(opened));
    return nullptr;
  }
  if (CreateIoCompletionPort(afd, port, 0, 0) != nullptr) return afd;
  const DWORD error = GetLastError();
  CloseHandle(afd);
  SetLastError(error);
  return nullptr;
}

int AfdPoll(HANDLE afd, SOCKET socket, ULONG events, AfdPollInfo* info, OVERLAPPED* overlapped) {
  NTSTATUS result = Begin(afd, socket, events, info, overlapped);
  if (result == kInvalidHandle) {
    // Other software may stand between the socket and the driver, which knows only its own.
    SOCKET base;
    DWORD size;
    if (WSAIoctl(socket, kSioBaseHandle, nullptr, 0, &base, sizeof base, &size, nullptr, nullptr) == 0) {
      result = Begin(afd, base, events, info, overlapped);
    }
  }
  // A packet comes also where it succeeded at once.
  return result == 0 || result == static_cast<NTSTATUS>(STATUS_PENDING) ? 0 : FromStatus(result);
}

}  // namespace loop
