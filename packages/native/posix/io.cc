#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/arguments.h"
#include "common/address.h"
#include "posix/buffers.h"
#include "posix/socket.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

// What moves bytes. These functions are called once per event or more, so they use nothing that allocates.
// write(2) has no MSG_NOSIGNAL: a pipe without a reader is EPIPE and no signal because Node ignores SIGPIPE.

namespace loop {

namespace {

// More than a socket's send buffer takes at once; to look up further buffers would be for nothing.
constexpr size_t kEnoughToSend = 1 << 20;

napi_value Recv(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  int fd;
  int32_t flags;
  Bytes bytes;
  if (!args.Descriptor(0, &fd) || !args.Int(4, "flags", &flags) || !args.Slice(1, &bytes)) return nullptr;
  return Outcome(env, Retry([&] { return ::recv(fd, bytes.data, bytes.size, flags); }));
}

napi_value Send(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  int fd;
  int32_t flags;
  Bytes bytes;
  if (!args.Descriptor(0, &fd) || !args.Int(4, "flags", &flags) || !args.Slice(1, &bytes)) return nullptr;
  return Outcome(env, Retry([&] { return ::send(fd, bytes.data, bytes.size, flags | MSG_NOSIGNAL); }));
}

napi_value Sendv(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd;
  uint64_t from, offset;
  Buffers buffers;
  if (!args.Descriptor(0, &fd) || !args.Size(2, "from", UINT32_MAX, &from) ||
      !args.Size(3, "offset", kMaxSafeInteger, &offset) ||
      !buffers.Gather(env, args[1], static_cast<uint32_t>(from), offset, kEnoughToSend)) {
    return nullptr;
  }
  msghdr message = {};
  message.msg_iov = buffers.vectors();
  message.msg_iovlen = buffers.count();
  const ssize_t sent = Retry([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); });
  if (sent >= 0 || errno != ENOTSOCK) return Outcome(env, sent);
  // A pipe or a terminal, so that one write queue serves every kind of transport.
  return Outcome(env, Retry([&] { return ::writev(fd, buffers.vectors(), static_cast<int>(buffers.count())); }));
}

napi_value Recvfrom(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  int fd;
  int32_t flags;
  uint32_t length;
  Bytes bytes;
  if (!args.Descriptor(0, &fd) || !args.Int(4, "flags", &flags) || !ReadArrayLength(env, args[5], "out", &length) ||
      !args.Slice(1, &bytes)) {
    return nullptr;
  }
  SocketAddress sender;
  sender.size = sizeof sender.storage;
  const ssize_t received =
      Retry([&] { return ::recvfrom(fd, bytes.data, bytes.size, flags, sender.get(), &sender.size); });
  if (received < 0) return Outcome(env, received);
  napi_value address = UnpackAddress(env, sender);
  if (address == nullptr || napi_set_element(env, args[5], 0, address) != napi_ok) return nullptr;
  return Number(env, received);
}

napi_value Sendto(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  int fd, error;
  int32_t flags;
  SocketAddress address;
  Bytes bytes;
  // The address first: its getters could detach the buffer.
  if (!args.Descriptor(0, &fd) || !args.Int(2, "flags", &flags) ||
      !PackAddress(env, args[3], args[4], &address, &error) || !args.Memory(1, "buffer", &bytes)) {
    return nullptr;
  }
  if (error != 0) return Number(env, error);
  return Outcome(env, Retry([&] {
                   return ::sendto(fd, bytes.data, bytes.size, flags | MSG_NOSIGNAL, address.get(), address.size);
                 }));
}

napi_value Read(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd;
  Bytes bytes;
  if (!args.Descriptor(0, &fd) || !args.Slice(1, &bytes)) return nullptr;
  return Outcome(env, Retry([&] { return ::read(fd, bytes.data, bytes.size); }));
}

napi_value Write(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd;
  Bytes bytes;
  if (!args.Descriptor(0, &fd) || !args.Slice(1, &bytes)) return nullptr;
  return Outcome(env, Retry([&] { return ::write(fd, bytes.data, bytes.size); }));
}

napi_value Lseek(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  uint64_t offset;
  if (!args.Descriptor(0, &fd) || !args.Size(1, "offset", kMaxSafeInteger, &offset)) return nullptr;
  return Outcome(env, ::lseek(fd, static_cast<off_t>(offset), SEEK_SET));
}

}  // namespace

bool DefineIo(napi_env env, napi_value sockets) {
  const Function functions[] = {
      {"recv", Recv},     {"send", Send}, {"sendv", Sendv}, {"recvfrom", Recvfrom},
      {"sendto", Sendto}, {"read", Read}, {"write", Write}, {"lseek", Lseek},
  };
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
