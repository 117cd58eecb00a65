#include <algorithm>

#include "common/address.h"
#include "winsock/buffers.h"
#include "winsock/host_file.h"
#include "winsock/socket.h"

// What moves bytes. These functions are called once per event or more.

namespace loop {

namespace {

// What one call takes at most. Windows would take any amount while its buffer has any room, and nobody would ever be told to
// wait; the longest datagram is shorter, so that one that is too long is still refused.
constexpr size_t kMostToSend = 64 * 1024;

// A message that is longer than the memory is cut, as POSIX does it: how much came.
int Cut(int result, size_t size) {
  return result == SOCKET_ERROR && WSAGetLastError() == WSAEMSGSIZE ? static_cast<int>(size) : result;
}

napi_value Recv(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  SOCKET socket;
  int32_t flags;
  Bytes bytes;
  if (!ReadSocket(args, &socket) || !args.Int(4, "flags", &flags) || !args.Slice(1, &bytes)) return nullptr;
  const int result = ::recv(socket, reinterpret_cast<char*>(bytes.data), static_cast<int>(bytes.size), flags);
  return SocketOutcome(env, Cut(result, bytes.size));
}

napi_value Send(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  SOCKET socket;
  int32_t flags;
  Bytes bytes;
  if (!ReadSocket(args, &socket) || !args.Int(4, "flags", &flags) || !args.Slice(1, &bytes)) return nullptr;
  const int size = static_cast<int>(std::min(bytes.size, kMostToSend));
  return SocketOutcome(env, ::send(socket, reinterpret_cast<const char*>(bytes.data), size, flags));
}

napi_value Sendv(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  SOCKET socket;
  uint64_t from, offset;
  std::vector<WSABUF> buffers;
  if (!ReadSocket(args, &socket) || !args.Size(2, "from", UINT32_MAX, &from) ||
      !args.Size(3, "offset", kMaxSafeInteger, &offset) ||
      !GatherBuffers(env, args[1], from, offset, kMostToSend, &buffers)) {
    return nullptr;
  }
  size_t room = kMostToSend;
  for (WSABUF& buffer : buffers) {
    buffer.len = static_cast<ULONG>(std::min<size_t>(buffer.len, room));
    room -= buffer.len;
  }
  DWORD sent = 0;
  if (WSASend(socket, buffers.data(), static_cast<DWORD>(buffers.size()), &sent, 0, nullptr, nullptr) != 0) {
    return SocketOutcome(env, SOCKET_ERROR);
  }
  return Number(env, sent);
}

napi_value Recvfrom(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  SOCKET socket;
  int32_t flags;
  uint32_t length;
  Bytes bytes;
  if (!ReadSocket(args, &socket) || !args.Int(4, "flags", &flags) || !ReadArrayLength(env, args[5], "out", &length) ||
      !args.Slice(1, &bytes)) {
    return nullptr;
  }
  SocketAddress sender;
  int size = sizeof sender.storage;
  const int received = Cut(::recvfrom(socket, reinterpret_cast<char*>(bytes.data), static_cast<int>(bytes.size), flags,
                                      sender.get(), &size),
                           bytes.size);
  if (received == SOCKET_ERROR) return SocketOutcome(env, SOCKET_ERROR);
  sender.size = size;
  napi_value address = UnpackAddress(env, sender);
  if (address == nullptr || napi_set_element(env, args[5], 0, address) != napi_ok) return nullptr;
  return Number(env, received);
}

napi_value Sendto(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  SOCKET socket;
  int error;
  int32_t flags;
  SocketAddress address;
  Bytes bytes;
  // The address first: its getters could detach the buffer.
  if (!ReadSocket(args, &socket) || !args.Int(2, "flags", &flags) ||
      !PackAddress(env, args[3], args[4], &address, &error) || !args.Memory(1, "buffer", &bytes)) {
    return nullptr;
  }
  if (error != 0) return Number(env, error);
  return SocketOutcome(env, ::sendto(socket, reinterpret_cast<const char*>(bytes.data), static_cast<int>(bytes.size),
                                     flags, address.get(), address.size));
}

napi_value Lseek(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  uint64_t offset;
  if (!args.Descriptor(0, &fd) || !args.Size(1, "offset", kMaxSafeInteger, &offset)) return nullptr;
  LARGE_INTEGER distance, position;
  distance.QuadPart = static_cast<LONGLONG>(offset);
  if (!SetFilePointerEx(HandleOfHostFile(fd), distance, &position, FILE_BEGIN)) return Number(env, LastError());
  return Number(env, position.QuadPart);
}

// The numbers of descriptors that are no sockets are the host's own; it reads and writes them itself.
napi_value NotHere(napi_env env, napi_callback_info) { return Number(env, ErrorResult(ENOSYS)); }

}  // namespace

bool DefineIo(napi_env env, napi_value sockets) {
  const Function functions[] = {
      {"recv", Recv},     {"send", Send},     {"sendv", Sendv},    {"recvfrom", Recvfrom},
      {"sendto", Sendto}, {"read", NotHere},  {"write", NotHere},  {"lseek", Lseek},
  };
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
