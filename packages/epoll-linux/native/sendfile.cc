#include <fcntl.h>
#include <sys/sendfile.h>

#include <algorithm>

#include "common/arguments.h"
#include "linux.h"

namespace loop {

namespace {

// What Linux transfers at most in one call; asking for more is an error for some file systems.
constexpr uint64_t kMaxTransfer = 0x7ffff000;

napi_value Sendfile(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd, file;
  uint64_t offset, count;
  if (!args.Descriptor(0, &fd) || !args.Descriptor(1, &file, "file") ||
      !args.Size(2, "offset", kMaxSafeInteger, &offset) || !args.Size(3, "count", kMaxSafeInteger, &count)) {
    return nullptr;
  }
  // musl has no off64_t: its off_t always has 64 bits, glibc's on the processors that we build for.
  static_assert(sizeof(off_t) == sizeof(int64_t), "files are longer than 2 GiB");
  off_t from = static_cast<off_t>(offset);
  const size_t size = static_cast<size_t>(std::min(count, kMaxTransfer));
  return Outcome(env, Retry([&] { return ::sendfile(fd, file, &from, size); }));
}

// A blocking pipe is none here: the flag makes the pipe's side answer EAGAIN; the socket's own mode decides for it.
napi_value Splice(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int pipe, fd;
  uint64_t count;
  if (!args.Descriptor(0, &pipe, "pipe") || !args.Descriptor(1, &fd) ||
      !args.Size(2, "count", kMaxSafeInteger, &count)) {
    return nullptr;
  }
  const size_t size = static_cast<size_t>(std::min(count, kMaxTransfer));
  return Outcome(
      env, Retry([&] { return ::splice(pipe, nullptr, fd, nullptr, size, SPLICE_F_NONBLOCK | SPLICE_F_MOVE); }));
}

}  // namespace

bool DefineSendfile(napi_env env, napi_value sockets) {
  const Function functions[] = {{"sendfile", Sendfile}, {"splice", Splice}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
