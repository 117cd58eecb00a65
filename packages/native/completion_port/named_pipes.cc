#include "completion_port/named_pipes.h"

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <string>

#include "common/arguments.h"
#include "winsock/wide_string.h"
#include "winsock/errors.h"

namespace loop {

namespace {

constexpr DWORD kBufferSize = 64 * 1024;

// A handle fits into 32 bits on every Windows.
napi_value Handle(napi_env env, HANDLE handle) {
  if (handle == INVALID_HANDLE_VALUE) return Number(env, LastError());
  return Number(env, static_cast<int64_t>(reinterpret_cast<intptr_t>(handle)));
}

// createNamedPipe(name, first).
napi_value Create(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  std::wstring name;
  bool is_first;
  if (!ReadWideString(env, args[0], "name", &name) || !ReadBool(env, args[1], "first", &is_first)) return nullptr;
  const DWORD mode =
      PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | (is_first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0);
  // Not from other machines.
  const DWORD type = PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;
  return Handle(env, CreateNamedPipeW(name.c_str(), mode, type, PIPE_UNLIMITED_INSTANCES, kBufferSize, kBufferSize,
                                      NMPWAIT_USE_DEFAULT_WAIT, nullptr));
}

// openNamedPipe(name).
napi_value Open(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  std::wstring name;
  if (!ReadWideString(env, args[0], "name", &name)) return nullptr;
  return Handle(env, CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                 FILE_FLAG_OVERLAPPED, nullptr));
}

napi_value Close(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  uint64_t handle;
  if (!args.Size(0, "handle", kMaxSafeInteger, &handle)) return nullptr;
  return Number(env, CloseHandle(reinterpret_cast<HANDLE>(handle)) ? 0 : LastError());
}

}  // namespace

bool DefineNamedPipes(napi_env env, napi_value pipes) {
  const Function functions[] = {{"createNamedPipe", Create}, {"openNamedPipe", Open}, {"close", Close}};
  return pipes != nullptr && DefineFunctions(env, pipes, functions);
}

}  // namespace loop
