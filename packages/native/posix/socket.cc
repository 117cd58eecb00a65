#include "posix/socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/arguments.h"
#include "common/address.h"
#include "posix/descriptor.h"

namespace loop {

namespace {

napi_value Socket(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int32_t family, type, protocol;
  if (!args.Int(0, "family", &family) || !args.Int(1, "type", &type) || !args.Int(2, "proto", &protocol)) return nullptr;
  return Outcome(env, OpenSocket(family, type, protocol));
}

napi_value Socketpair(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int32_t family, type, protocol;
  Integers pair;
  if (!args.Int(0, "family", &family) || !args.Int(1, "type", &type) || !args.Int(2, "proto", &protocol) ||
      !args.Pair(3, &pair)) {
    return nullptr;
  }
  return Outcome(env, OpenSocketPair(family, type, protocol, pair.data));
}

napi_value Bind(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int fd, error;
  SocketAddress address;
  if (!args.Descriptor(0, &fd) || !PackAddress(env, args[1], args[2], &address, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  return Outcome(env, ::bind(fd, address.get(), address.size));
}

napi_value Connect(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int fd, error;
  SocketAddress address;
  if (!args.Descriptor(0, &fd) || !PackAddress(env, args[1], args[2], &address, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  const int result = ::connect(fd, address.get(), address.size);
  // connect(2): an interrupted attempt goes on in the background, which is what EINPROGRESS says.
  if (result < 0 && errno == EINTR) errno = EINPROGRESS;
  return Outcome(env, result);
}

napi_value Listen(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  int32_t backlog;
  if (!args.Descriptor(0, &fd) || !args.Int(1, "backlog", &backlog)) return nullptr;
  return Outcome(env, ::listen(fd, backlog));
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  return Outcome(env, AcceptSocket(fd));
}

napi_value Close(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  const int result = ::close(fd);
  // Linux has freed the number even when a signal interrupts; to close it again would hit whoever got it since.
  if (result < 0 && errno == EINTR) return Number(env, 0);
  return Outcome(env, result);
}

napi_value Shutdown(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  int32_t how;
  if (!args.Descriptor(0, &fd) || !args.Int(1, "how", &how)) return nullptr;
  return Outcome(env, ::shutdown(fd, how));
}

napi_value Dup(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  return Outcome(env, Duplicate(fd));
}

napi_value SetNonblocking(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  bool on;
  if (!args.Descriptor(0, &fd) || !ReadBool(env, args[1], "on", &on)) return nullptr;
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return Outcome(env, flags);
  const int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return Outcome(env, wanted == flags ? 0 : ::fcntl(fd, F_SETFL, wanted));
}

napi_value IsNonblocking(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  const int flags = ::fcntl(fd, F_GETFL);
  return Outcome(env, flags < 0 ? flags : (flags & O_NONBLOCK) != 0);
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);

template <NameCall call>
napi_value Name(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  SocketAddress address;
  address.size = sizeof address.storage;
  if (call(fd, address.get(), &address.size) < 0) return Outcome(env, -1);
  return UnpackAddress(env, address);
}

int GetSocketName(int fd, sockaddr* address, socklen_t* size) { return ::getsockname(fd, address, size); }
int GetPeerName(int fd, sockaddr* address, socklen_t* size) { return ::getpeername(fd, address, size); }

}  // namespace

bool DefineSocket(napi_env env, napi_value sockets) {
  const Function functions[] = {
      {"socket", Socket},
      {"socketpair", Socketpair},
      {"bind", Bind},
      {"connect", Connect},
      {"listen", Listen},
      {"accept", Accept},
      {"close", Close},
      {"shutdown", Shutdown},
      {"dup", Dup},
      {"setNonblocking", SetNonblocking},
      {"isNonblocking", IsNonblocking},
      {"getsockname", Name<GetSocketName>},
      {"getpeername", Name<GetPeerName>},
  };
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
