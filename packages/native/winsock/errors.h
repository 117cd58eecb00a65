#pragma once

#include <node_api.h>

#include <cstdint>

namespace loop {

// Errors as Node has them on Windows, where the C library's numbers are few and Node uses none of them: libuv's, by the names
// of POSIX. Everything here gives them as -errno, as on other systems.

// The -errno of what WSAGetLastError or GetLastError gave; -EUNKNOWN's number for one that has no name.
int32_t FromWindowsError(uint32_t error);

// Of the NTSTATUS of an operation that has come back.
int32_t FromStatus(int32_t status);

// A connection is being made: POSIX's EINPROGRESS, for which Node has no number.
constexpr int32_t kInProgress = -112;

// Of the last call on this thread.
int32_t LastError();
int32_t LastSocketError();

// Adds `EAGAIN`, `ECONNRESET`, ... to `constants`.
bool DefineErrors(napi_env env, napi_value constants);

}  // namespace loop
