// Apple's headers name the IPv6 options of RFC 3542 only to those who ask for them.
#define __APPLE_USE_RFC_3542
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "common/arguments.h"
#include "common/address.h"
#include "posix/control_message.h"
#include "common/datagram_slab.h"
#include "posix/messages.h"
#include "posix/socket.h"

namespace loop {

namespace {

// Room for everything that a socket can be asked to tell of a packet, and for what the kernel adds in between.
constexpr size_t kControlRoom = 256;

// A datagram of IPv6 options and the like is longer than any that users send.
constexpr uint64_t kMaxDatagram = 1 << 20;

template <typename T>
bool Take(const cmsghdr* control, T* value) {
  if (control->cmsg_len < CMSG_LEN(sizeof(T))) return false;
  memcpy(value, CMSG_DATA(control), sizeof(T));
  return true;
}

// The address as a whole sockaddr, so that one function unpacks it and the sender's.
template <typename Address>
void SetDestination(const Address& address, unsigned int interface_index, IncomingHead* head) {
  static_assert(sizeof address <= sizeof head->destination, "it must fit");
  memcpy(head->destination, &address, sizeof address);
  head->destination_size = sizeof address;
  head->interface_index = static_cast<int32_t>(interface_index);
  head->known |= kKnownDestination;
}

// Linux gives the TOS as a byte and the traffic class as an int, other systems both as they like.
void SetTos(const cmsghdr* control, IncomingHead* head) {
  int number = 0;
  uint8_t byte = 0;
  if (Take(control, &number)) {
    head->tos = number;
  } else if (Take(control, &byte)) {
    head->tos = byte;
  } else {
    return;
  }
  head->known |= kKnownTos;
}

void SetTime(time_t seconds, long nanoseconds, IncomingHead* head) {
  head->seconds = static_cast<int32_t>(seconds);
  head->nanoseconds = static_cast<int32_t>(nanoseconds);
  head->known |= kKnownTime;
}

void ReadIp(const cmsghdr* control, IncomingHead* head) {
  in_pktinfo info;
#ifdef IP_RECVTOS
  if (control->cmsg_type == IP_TOS || control->cmsg_type == IP_RECVTOS) return SetTos(control, head);
#endif
  if (control->cmsg_type != IP_PKTINFO || !Take(control, &info)) return;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr = info.ipi_addr;
  SetDestination(address, info.ipi_ifindex, head);
}

void ReadIpv6(const cmsghdr* control, IncomingHead* head) {
  in6_pktinfo info;
  if (control->cmsg_type == IPV6_TCLASS) return SetTos(control, head);
  if (control->cmsg_type != IPV6_PKTINFO || !Take(control, &info)) return;
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = info.ipi6_addr;
  SetDestination(address, static_cast<unsigned int>(info.ipi6_ifindex), head);
}

void ReadSocket(const cmsghdr* control, IncomingHead* head) {
#ifdef SCM_TIMESTAMPNS
  timespec fine;
  if (control->cmsg_type == SCM_TIMESTAMPNS && Take(control, &fine)) SetTime(fine.tv_sec, fine.tv_nsec, head);
#endif
  timeval coarse;
  if (control->cmsg_type == SCM_TIMESTAMP && Take(control, &coarse)) {
    SetTime(coarse.tv_sec, static_cast<long>(coarse.tv_usec) * 1000, head);
  }
#ifdef SO_RXQ_OVFL
  uint32_t dropped;
  if (control->cmsg_type == SO_RXQ_OVFL && Take(control, &dropped)) {
    head->dropped = static_cast<int32_t>(dropped);
    head->known |= kKnownDropped;
  }
#endif
}

void ReadControl(msghdr* message, IncomingHead* head) {
  for (cmsghdr* control = CMSG_FIRSTHDR(message); control != nullptr; control = NextControlMessage(message, control)) {
    if (control->cmsg_level == IPPROTO_IP) ReadIp(control, head);
    if (control->cmsg_level == IPPROTO_IPV6) ReadIpv6(control, head);
    if (control->cmsg_level == SOL_SOCKET) ReadSocket(control, head);
#ifdef UDP_GRO
    if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) Take(control, &head->segment);
#endif
  }
}

// One batch on its way from the kernel to the slab. The control messages need no more than this call.
class Incoming {
 public:
  void Prepare(uint8_t* slab, unsigned int count, size_t size, bool with_control) {
    for (unsigned int index = 0; index < count; index++) {
      vectors_[index] = {slab + kIncomingData + index * (size + kIncomingGap), size};
      msghdr& header = messages_[index].header;
      header = {};
      header.msg_name = slab + index * sizeof(IncomingHead) + offsetof(IncomingHead, source);
      header.msg_namelen = kAddressRoom;
      header.msg_iov = &vectors_[index];
      header.msg_iovlen = 1;
      if (!with_control) continue;
      header.msg_control = control_[index];
      header.msg_controllen = kControlRoom;
    }
  }

  int Receive(int fd, unsigned int count) { return ReceiveMessages(fd, messages_, count); }

  // Everything but the source, which the kernel has written into its place.
  void Describe(uint8_t* slab, unsigned int index, size_t size) {
    Message& message = messages_[index];
    IncomingHead head = {};
    head.length = static_cast<int32_t>(std::min<size_t>(message.length, size));
    head.flags = message.header.msg_flags;
    head.source_size = static_cast<int32_t>(std::min<size_t>(message.header.msg_namelen, kAddressRoom));
    if (message.header.msg_controllen > 0) ReadControl(&message.header, &head);
    uint8_t* at = slab + index * sizeof(IncomingHead);
    memcpy(at, &head, offsetof(IncomingHead, source));
    if ((head.known & kKnownDestination) == 0) return;
    memcpy(at + offsetof(IncomingHead, destination), head.destination, sizeof head.destination);
  }

 private:
  Message messages_[kMaxIncoming];
  iovec vectors_[kMaxIncoming];
  alignas(cmsghdr) uint8_t control_[kMaxIncoming][kControlRoom];
};

// recvmmsg(fd, slab, count, size, control): up to `count` datagrams of up to `size` bytes each.
napi_value Recvmmsg(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  int fd;
  uint64_t count, size;
  bool with_control;
  Bytes slab;
  if (!args.Descriptor(0, &fd) || !args.Size(2, "count", kMaxIncoming, &count) ||
      !args.Size(3, "size", kMaxDatagram, &size) || !ReadBool(env, args[4], "control", &with_control) ||
      !args.Memory(1, "slab", &slab)) {
    return nullptr;
  }
  if (count == 0) return Number(env, 0);
  if (slab.size < kIncomingData + count * (size + kIncomingGap)) {
    ThrowRange(env, "slab", "large enough for its heads and the datagrams");
    return nullptr;
  }
  Incoming incoming;
  incoming.Prepare(slab.data, static_cast<unsigned int>(count), size, with_control);
  const int received = incoming.Receive(fd, static_cast<unsigned int>(count));
  if (received < 0) return Outcome(env, received);
  for (int index = 0; index < received; index++) {
    incoming.Describe(slab.data, static_cast<unsigned int>(index), size);
  }
  return Number(env, received);
}

// gather(slab, from, upto, size, memory): copies datagrams that lie apart in the slab behind each other; their bytes.
napi_value Gather(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  uint64_t from, upto, size;
  Bytes slab, memory;
  if (!args.Size(2, "upto", kMaxIncoming, &upto) || !args.Size(1, "from", upto, &from) ||
      !args.Size(3, "size", kMaxDatagram, &size) || !args.Memory(0, "slab", &slab) ||
      !args.Memory(4, "memory", &memory)) {
    return nullptr;
  }
  if (slab.size < kIncomingData + upto * (size + kIncomingGap)) {
    ThrowRange(env, "slab", "large enough for its heads and the datagrams");
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

// unpackAddress(slab, offset, size): the address whose bytes stand there.
napi_value UnpackFromSlab(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  Bytes bytes;
  if (!args.Slice(0, &bytes)) return nullptr;
  SocketAddress address = {};
  address.size = static_cast<socklen_t>(std::min(bytes.size, sizeof address.storage));
  memcpy(&address.storage, bytes.data, address.size);
  return UnpackAddress(env, address);
}

}  // namespace

bool DefineReceiveDatagrams(napi_env env, napi_value sockets) {
  const Function functions[] = {{"recvmmsg", Recvmmsg}, {"gather", Gather}, {"unpackAddress", UnpackFromSlab}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
