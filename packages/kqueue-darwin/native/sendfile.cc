#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>

#include "common/arguments.h"
#include "darwin.h"

namespace loop {

namespace {

// sendfile(2) of the BSDs: the count comes back in the argument that asked for it, and with it an error may come, when
// part was sent before a signal or a full buffer ended the call.
napi_value Sendfile(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd, file;
  uint64_t offset, count;
  if (!args.Descriptor(0, &fd) || !args.Descriptor(1, &file, "file") ||
      !args.Size(2, "offset", kMaxSafeInteger, &offset) || !args.Size(3, "count", kMaxSafeInteger, &count)) {
    return nullptr;
  }
  // Zero would mean all there is.
  if (count == 0) return Number(env, 0);
  off_t sent = static_cast<off_t>(count);
  const int result = ::sendfile(file, fd, static_cast<off_t>(offset), &sent, nullptr, 0);
  if (result == 0 || ((errno == EAGAIN || errno == EINTR) && sent > 0)) return Number(env, sent);
  return Number(env, errno == EINTR ? -EAGAIN : -errno);
}

// macOS cannot move a pipe's bytes inside the kernel.
napi_value Splice(napi_env env, napi_callback_info) { return Number(env, -ENOSYS); }

}  // namespace

bool DefineSendfile(napi_env env, napi_value sockets) {
  const Function functions[] = {{"sendfile", Sendfile}, {"splice", Splice}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
