#include <algorithm>
#include <cstring>

#include "common/address.h"
#include "common/datagram_slab.h"
#include "winsock/socket.h"

// Winsock has no call for many datagrams: each batch is a call for each of them, which saves JavaScript's part.

namespace loop {

namespace {

constexpr uint64_t kMaxDatagram = 1 << 20;

bool HasRoom(napi_env env, const Bytes& slab, uint64_t count, uint64_t size) {
  return slab.size >= kIncomingData + count * (size + kIncomingGap) ||
         ThrowRange(env, "slab", "large enough for its heads and the datagrams");
}

// One datagram into its place: false with WSAGetLastError.
bool Receive(SOCKET socket, uint8_t* slab, uint64_t index, uint64_t size) {
  uint8_t* at = slab + index * sizeof(IncomingHead);
  IncomingHead head = {};
  int source_size = kAddressRoom;
  char* data = reinterpret_cast<char*>(slab + kIncomingData + index * (size + kIncomingGap));
  int received = ::recvfrom(socket, data, static_cast<int>(size), 0,
                            reinterpret_cast<sockaddr*>(at + offsetof(IncomingHead, source)), &source_size);
  if (received == SOCKET_ERROR) {
    if (WSAGetLastError() != WSAEMSGSIZE) return false;
    received = static_cast<int>(size);
    head.flags = MSG_TRUNC;
  }
  head.length = received;
  head.source_size = source_size;
  memcpy(at, &head, offsetof(IncomingHead, source));
  return true;
}

// What Windows calls a reset of a datagram's peer is that nobody listens there.
int32_t ReceiveError() {
  const int error = WSAGetLastError();
  return error == WSAECONNRESET || error == WSAENETRESET ? FromWindowsError(WSAECONNREFUSED)
                                                         : FromWindowsError(static_cast<uint32_t>(error));
}

// recvmmsg(fd, slab, count, size, control): up to `count` datagrams of up to `size` bytes each.
napi_value Recvmmsg(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  SOCKET socket;
  uint64_t count, size;
  Bytes slab;
  if (!ReadSocket(args, &socket) || !args.Size(2, "count", kMaxIncoming, &count) ||
      !args.Size(3, "size", kMaxDatagram, &size) || !args.Memory(1, "slab", &slab) ||
      !HasRoom(env, slab, count, size)) {
    return nullptr;
  }
  for (uint64_t index = 0; index < count; index++) {
    // What stopped it after others had come, the next call tells.
    if (!Receive(socket, slab.data, index, size)) return Number(env, index > 0 ? static_cast<int64_t>(index) : ReceiveError());
  }
  return Number(env, static_cast<int64_t>(count));
}

// gather(slab, from, upto, size, memory): copies datagrams that lie apart in the slab behind each other; their bytes.
napi_value Gather(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  uint64_t from, upto, size;
  Bytes slab, memory;
  if (!args.Size(2, "upto", kMaxIncoming, &upto) || !args.Size(1, "from", upto, &from) ||
      !args.Size(3, "size", kMaxDatagram, &size) || !args.Memory(0, "slab", &slab) ||
      !args.Memory(4, "memory", &memory) || !HasRoom(env, slab, upto, size)) {
    return nullptr;
  }
  size_t used = 0;
  for (uint64_t index = from; index < upto; index++) {
    int32_t length;
    memcpy(&length, slab.data + index * sizeof(IncomingHead), sizeof length);
    if (length < 0 || static_cast<uint64_t>(length) > size || static_cast<size_t>(length) > memory.size - used) {
      ThrowRange(env, "memory", "large enough for the datagrams");
      return nullptr;
    }
    memcpy(memory.data + used, slab.data + kIncomingData + index * (size + kIncomingGap), static_cast<size_t>(length));
    used += static_cast<size_t>(length);
  }
  return Number(env, static_cast<int64_t>(used));
}

bool IsWithin(const OutgoingHead& head, size_t size) {
  return head.offset >= 0 && head.length >= 0 && static_cast<size_t>(head.offset) <= size &&
         static_cast<size_t>(head.length) <= size - static_cast<size_t>(head.offset) && head.address >= -1 &&
         head.address < static_cast<int32_t>(kMaxOutgoing) && head.address_size >= 0 &&
         head.address_size <= static_cast<int32_t>(kAddressRoom);
}

int Transmit(SOCKET socket, const uint8_t* slab, const OutgoingHead& head) {
  const char* data = reinterpret_cast<const char*>(slab + head.offset);
  if (head.address < 0 || head.address_size == 0) return ::send(socket, data, head.length, 0);
  const uint8_t* address = slab + kOutgoingAddresses + static_cast<size_t>(head.address) * kAddressRoom;
  return ::sendto(socket, data, head.length, 0, reinterpret_cast<const sockaddr*>(address), head.address_size);
}

// sendmmsg(fd, slab, from, upto): how many left, or the error of the first. The first word of the slab tells why not the next.
napi_value Sendmmsg(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  SOCKET socket;
  uint64_t from, upto;
  Bytes slab;
  if (!ReadSocket(args, &socket) || !args.Size(3, "upto", kMaxOutgoing, &upto) ||
      !args.Size(2, "from", upto, &from) || !args.Memory(1, "slab", &slab)) {
    return nullptr;
  }
  if (slab.size < kOutgoingData) {
    ThrowRange(env, "slab", "large enough for its heads and addresses");
    return nullptr;
  }
  int32_t error = 0;
  uint64_t index = from;
  for (; index < upto && error == 0; index++) {
    OutgoingHead head;
    memcpy(&head, slab.data + kOutgoingHeads + index * sizeof head, sizeof head);
    if (!IsWithin(head, slab.size)) {
      ThrowRange(env, "slab", "of heads within its bounds");
      return nullptr;
    }
    if (Transmit(socket, slab.data, head) == SOCKET_ERROR) {
      error = LastSocketError();
      break;
    }
  }
  if (index == from && error != 0) return Number(env, error);
  memcpy(slab.data, &error, sizeof error);
  return Number(env, static_cast<int64_t>(index - from));
}

// packAddress(family, address, out): writes it as the system takes it; the number of bytes, or -errno.
napi_value PackInto(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int error;
  SocketAddress address;
  Bytes out;
  if (!PackAddress(env, args[0], args[1], &address, &error) || !args.Memory(2, "out", &out)) return nullptr;
  if (error != 0) return Number(env, error);
  const size_t size = static_cast<size_t>(address.size);
  if (out.size < size) {
    ThrowRange(env, "out", "large enough for the address");
    return nullptr;
  }
  memcpy(out.data, &address.storage, size);
  return Number(env, address.size);
}

// unpackAddress(slab, offset, size): the address whose bytes stand there.
napi_value UnpackFromSlab(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  Bytes bytes;
  if (!args.Slice(0, &bytes)) return nullptr;
  SocketAddress address = {};
  address.size = static_cast<socklen_t>(std::min(bytes.size, sizeof address.storage));
  memcpy(&address.storage, bytes.data, static_cast<size_t>(address.size));
  return UnpackAddress(env, address);
}

}  // namespace

bool DefineDatagrams(napi_env env, napi_value sockets) {
  const Function functions[] = {{"recvmmsg", Recvmmsg},    {"gather", Gather},
                                {"sendmmsg", Sendmmsg},    {"packAddress", PackInto},
                                {"unpackAddress", UnpackFromSlab}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
