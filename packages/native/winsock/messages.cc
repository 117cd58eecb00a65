#include <cstring>

#include "common/address.h"
#include "winsock/buffers.h"
#include "winsock/socket.h"

// Messages without control messages: what Winsock can tell of packets goes through functions of its own, and descriptors do
// not travel at all.

namespace loop {

namespace {

bool Set(napi_env env, napi_value object, const char* name, napi_value value) {
  return value != nullptr && napi_set_named_property(env, object, name, value) == napi_ok;
}

// recvmsg(fd, buffers, ancillarySize, flags).
napi_value Recvmsg(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  SOCKET socket;
  int32_t flags;
  std::vector<WSABUF> buffers;
  if (!ReadSocket(args, &socket) || !args.Int(3, "flags", &flags) ||
      !GatherBuffers(env, args[1], 0, 0, SIZE_MAX, &buffers)) {
    return nullptr;
  }
  SocketAddress sender;
  memset(&sender.storage, 0, sizeof sender.storage);
  INT size = sizeof sender.storage;
  DWORD received = 0, out_flags = static_cast<DWORD>(flags);
  if (WSARecvFrom(socket, buffers.data(), static_cast<DWORD>(buffers.size()), &received, &out_flags, sender.get(), &size,
                  nullptr, nullptr) != 0) {
    if (WSAGetLastError() != WSAEMSGSIZE) return SocketOutcome(env, SOCKET_ERROR);
    for (const WSABUF& buffer : buffers) received += buffer.len;
    out_flags = MSG_TRUNC;
  }
  // Streams leave it as it is.
  sender.size = sender.storage.ss_family == 0 ? 0 : size;
  napi_value result, list;
  if (napi_create_object(env, &result) != napi_ok || napi_create_array(env, &list) != napi_ok ||
      !Set(env, result, "bytes", Number(env, received)) || !Set(env, result, "flags", Number(env, out_flags)) ||
      !Set(env, result, "address", UnpackAddress(env, sender)) || !Set(env, result, "ancillary", list)) {
    return nullptr;
  }
  return result;
}

// sendmsg(fd, buffers, ancillary, flags, family, address).
napi_value Sendmsg(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  SOCKET socket;
  int error = 0;
  int32_t flags;
  uint32_t ancillary;
  SocketAddress address;
  address.size = 0;
  std::vector<WSABUF> buffers;
  if (!ReadSocket(args, &socket) || !args.Int(3, "flags", &flags) ||
      !ReadArrayLength(env, args[2], "ancillary", &ancillary)) {
    return nullptr;
  }
  if (!IsNullish(env, args[5]) && !PackAddress(env, args[4], args[5], &address, &error)) return nullptr;
  if (!GatherBuffers(env, args[1], 0, 0, SIZE_MAX, &buffers)) return nullptr;
  if (ancillary > 0) error = FromWindowsError(WSAEOPNOTSUPP);
  if (error != 0) return Number(env, error);
  DWORD sent = 0;
  const int result = WSASendTo(socket, buffers.data(), static_cast<DWORD>(buffers.size()), &sent,
                               static_cast<DWORD>(flags), address.size > 0 ? address.get() : nullptr, address.size,
                               nullptr, nullptr);
  return result == 0 ? Number(env, sent) : SocketOutcome(env, SOCKET_ERROR);
}

}  // namespace

bool DefineMessages(napi_env env, napi_value sockets) {
  const Function functions[] = {{"recvmsg", Recvmsg}, {"sendmsg", Sendmsg}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
