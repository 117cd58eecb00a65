// Windows' anonymous pipes know no overlapped operation, so a pair is made of a named pipe whose one instance is taken at once.
#include "winprocess/pipe_pair.h"

#include <atomic>
#include <cstdio>

#include "common/arguments.h"
#include "winprocess/process.h"
#include "winsock/errors.h"
#include "winsock/host_file.h"

namespace loop {

namespace {

constexpr DWORD kBufferSize = 64 * 1024;
// Somebody else may have taken the name, or have connected first.
constexpr int kAttempts = 100;

// The same for no two pairs of this machine; it need not be secret.
void MakeName(wchar_t (&name)[80]) {
  static std::atomic<unsigned> count{0};
  LARGE_INTEGER time;
  QueryPerformanceCounter(&time);
  swprintf(name, sizeof name / sizeof *name, L"\\\\.\\pipe\\loop-%lu-%u-%llx", GetCurrentProcessId(), count++,
           static_cast<unsigned long long>(time.QuadPart));
}

bool TryOpen(const PipeModes& modes, UniqueHandle* reader, UniqueHandle* writer) {
  wchar_t name[80];
  MakeName(name);
  const DWORD access = modes.is_duplex ? PIPE_ACCESS_DUPLEX : PIPE_ACCESS_INBOUND;
  const DWORD own = FILE_FLAG_FIRST_PIPE_INSTANCE | (modes.reader_is_overlapped ? FILE_FLAG_OVERLAPPED : 0);
  *reader = UniqueHandle(CreateNamedPipeW(name, access | own,
                                          PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1,
                                          kBufferSize, kBufferSize, 0, nullptr));
  if (!*reader) return false;
  *writer = UniqueHandle(CreateFileW(name, GENERIC_WRITE | (modes.is_duplex ? GENERIC_READ : FILE_READ_ATTRIBUTES), 0,
                                     nullptr, OPEN_EXISTING, modes.writer_is_overlapped ? FILE_FLAG_OVERLAPPED : 0, nullptr));
  if (!*writer) return false;
  // The client is there: it says so at once.
  OVERLAPPED overlapped = {};
  const UniqueHandle event(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  overlapped.hEvent = event.get();
  DWORD none;
  if (ConnectNamedPipe(reader->get(), &overlapped) || GetLastError() == ERROR_PIPE_CONNECTED) return true;
  return GetLastError() == ERROR_IO_PENDING && GetOverlappedResult(reader->get(), &overlapped, &none, TRUE);
}

// openPipe(pair, readerIsOverlapped, writerIsOverlapped, isDuplex).
napi_value OpenPipe(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  PipeModes modes;
  if (!ReadBool(env, args[1], "readerIsOverlapped", &modes.reader_is_overlapped) ||
      !ReadBool(env, args[2], "writerIsOverlapped", &modes.writer_is_overlapped) ||
      !ReadBool(env, args[3], "isDuplex", &modes.is_duplex)) {
    return nullptr;
  }
  Integers pair;
  if (!args.Pair(0, &pair)) return nullptr;
  UniqueHandle reader, writer;
  if (const int32_t error = OpenPipePair(modes, &reader, &writer); error != 0) return Number(env, error);
  // Handles fit into 32 bits on every Windows.
  pair.data[0] = static_cast<int32_t>(reinterpret_cast<intptr_t>(reader.release()));
  pair.data[1] = static_cast<int32_t>(reinterpret_cast<intptr_t>(writer.release()));
  return Number(env, 0);
}

napi_value HostHandle(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  const HANDLE handle = HandleOfHostFile(fd);
  if (handle == nullptr || handle == INVALID_HANDLE_VALUE || reinterpret_cast<intptr_t>(handle) == -2) {
    return Number(env, FromWindowsError(ERROR_INVALID_HANDLE));
  }
  return Number(env, static_cast<int64_t>(reinterpret_cast<intptr_t>(handle)));
}

}  // namespace

int32_t OpenPipePair(const PipeModes& modes, UniqueHandle* reader, UniqueHandle* writer) {
  for (int attempt = 1;; attempt++) {
    if (TryOpen(modes, reader, writer)) return 0;
    const DWORD error = GetLastError();
    if ((error != ERROR_PIPE_BUSY && error != ERROR_ACCESS_DENIED) || attempt == kAttempts) return FromWindowsError(error);
  }
}

bool DefinePipePairs(napi_env env, napi_value pipes) {
  const Function functions[] = {{"openPipe", OpenPipe}, {"hostHandle", HostHandle}};
  return pipes != nullptr && DefineFunctions(env, pipes, functions);
}

}  // namespace loop
