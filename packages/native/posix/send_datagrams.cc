#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "common/arguments.h"
#include "common/address.h"
#include "common/datagram_slab.h"
#include "posix/messages.h"
#include "posix/socket.h"

namespace loop {

namespace {

// What the kernel takes at most as one message with UDP_SEGMENT: datagrams, and bytes of all of them.
constexpr uint32_t kMaxSegments = 64;
constexpr size_t kMaxSegmented = 65000;

// A part of a slab that was checked against the slab's bounds.
struct Outgoing {
  uint8_t* slab;
  OutgoingHead heads[kMaxOutgoing];
  uint32_t count;
};

bool IsWithin(const OutgoingHead& head, size_t size) {
  return head.offset >= 0 && head.length >= 0 && static_cast<size_t>(head.offset) <= size &&
         static_cast<size_t>(head.length) <= size - static_cast<size_t>(head.offset) && head.address >= -1 &&
         head.address < static_cast<int32_t>(kMaxOutgoing) && head.address_size >= 0 &&
         head.address_size <= static_cast<int32_t>(kAddressRoom);
}

bool ReadOutgoing(napi_env env, const Bytes& slab, uint64_t from, uint64_t upto, Outgoing* outgoing) {
  outgoing->slab = slab.data;
  outgoing->count = static_cast<uint32_t>(upto - from);
  const uint8_t* heads = slab.data + kOutgoingHeads;
  memcpy(outgoing->heads, heads + from * sizeof(OutgoingHead), outgoing->count * sizeof(OutgoingHead));
  for (uint32_t index = 0; index < outgoing->count; index++) {
    if (!IsWithin(outgoing->heads[index], slab.size)) return ThrowRange(env, "slab", "of heads within its bounds");
  }
  return true;
}

// How many datagrams from `first` on can leave as one message that the kernel cuts up again: they follow each other in
// memory, go to one address and are of one size; only the last may be shorter.
uint32_t RunLength(const Outgoing& outgoing, uint32_t first, int32_t longest) {
  const OutgoingHead& head = outgoing.heads[first];
  if (head.length == 0 || head.length > longest) return 1;
  const uint32_t most = std::min<uint32_t>(kMaxSegments, kMaxSegmented / static_cast<uint32_t>(head.length));
  uint32_t run = 1;
  for (; run < most && first + run < outgoing.count; run++) {
    const OutgoingHead& next = outgoing.heads[first + run];
    const int64_t end = int64_t{head.offset} + int64_t{head.length} * run;
    if (next.offset != end || next.address != head.address || next.length == 0 || next.length > head.length) break;
    if (next.length < head.length) return run + 1;
  }
  return run;
}

// One batch on its way to the kernel.
class OutgoingMessages {
 public:
  // The message for the next `run` datagrams.
  void Add(const Outgoing& outgoing, uint32_t first, uint32_t run) {
    const OutgoingHead& head = outgoing.heads[first];
    const OutgoingHead& last = outgoing.heads[first + run - 1];
    uint8_t* data = outgoing.slab + head.offset;
    const size_t size = static_cast<size_t>(last.offset - head.offset) + static_cast<size_t>(last.length);
    vectors_[count_] = {data, size};
    msghdr& header = messages_[count_].header;
    header = {};
    header.msg_iov = &vectors_[count_];
    header.msg_iovlen = 1;
    if (head.address >= 0 && head.address_size > 0) {
      header.msg_name = outgoing.slab + kOutgoingAddresses + static_cast<size_t>(head.address) * kAddressRoom;
      header.msg_namelen = static_cast<socklen_t>(head.address_size);
    }
    if (run > 1) Segment(&header, static_cast<uint16_t>(head.length));
    runs_[count_++] = run;
  }

  // The number of datagrams that left, or -1 with errno. `error`: why not the next one too, if that is known.
  int Send(int fd, bool one_by_one, int32_t* error) {
    const int sent = one_by_one ? SendOneByOne(fd, messages_, count_) : SendMessages(fd, messages_, count_);
    if (sent < 0) return -1;
    *error = one_by_one && static_cast<uint32_t>(sent) < count_ ? -errno : 0;
    int datagrams = 0;
    for (int index = 0; index < sent; index++) datagrams += static_cast<int>(runs_[index]);
    return datagrams;
  }

 private:
  void Segment(msghdr* header, uint16_t size) {
#ifdef UDP_SEGMENT
    header->msg_control = control_[count_];
    header->msg_controllen = CMSG_SPACE(sizeof size);
    cmsghdr* control = CMSG_FIRSTHDR(header);
    control->cmsg_level = IPPROTO_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(control), &size, sizeof size);
#else
    (void)header;
    (void)size;
#endif
  }

  Message messages_[kMaxOutgoing];
  iovec vectors_[kMaxOutgoing];
  uint32_t runs_[kMaxOutgoing];
#ifdef UDP_SEGMENT
  alignas(cmsghdr) uint8_t control_[kMaxOutgoing][CMSG_SPACE(sizeof(uint16_t))];
#endif
  uint32_t count_ = 0;
};

#ifdef UDP_SEGMENT
constexpr int32_t kLongestSegment = UINT16_MAX;
#else
constexpr int32_t kLongestSegment = 0;
#endif

// sendmmsg(fd, slab, from, upto, segment, oneByOne): the datagrams of heads[from .. upto]. Runs of datagrams of one size,
// up to `segment` bytes, are handed over together; 0: none.
napi_value Sendmmsg(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  int fd;
  uint64_t from, upto, segment;
  bool one_by_one;
  Bytes slab;
  Outgoing outgoing;
  if (!args.Descriptor(0, &fd) || !args.Size(3, "upto", kMaxOutgoing, &upto) || !args.Size(2, "from", upto, &from) ||
      !args.Size(4, "segment", kMaxSafeInteger, &segment) || !ReadBool(env, args[5], "oneByOne", &one_by_one) ||
      !args.Memory(1, "slab", &slab)) {
    return nullptr;
  }
  if (slab.size < kOutgoingData) {
    ThrowRange(env, "slab", "large enough for its heads and addresses");
    return nullptr;
  }
  if (!ReadOutgoing(env, slab, from, upto, &outgoing)) return nullptr;
  if (outgoing.count == 0) return Number(env, 0);
  const int32_t longest = static_cast<int32_t>(std::min<uint64_t>(segment, kLongestSegment));
  OutgoingMessages messages;
  for (uint32_t first = 0; first < outgoing.count;) {
    const uint32_t run = RunLength(outgoing, first, longest);
    messages.Add(outgoing, first, run);
    first += run;
  }
  int32_t error = 0;
  const int sent = messages.Send(fd, one_by_one, &error);
  if (sent < 0) return Outcome(env, sent);
  memcpy(slab.data, &error, sizeof error);
  return Number(env, sent);
}

// packAddress(family, address, out): writes it as the kernel takes it; the number of bytes, or -errno.
napi_value PackInto(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int error;
  SocketAddress address;
  Bytes out;
  if (!PackAddress(env, args[0], args[1], &address, &error) || !args.Memory(2, "out", &out)) return nullptr;
  if (error != 0) return Number(env, error);
  if (out.size < address.size) {
    ThrowRange(env, "out", "large enough for the address");
    return nullptr;
  }
  memcpy(out.data, &address.storage, address.size);
  return Number(env, address.size);
}

}  // namespace

bool DefineSendDatagrams(napi_env env, napi_value sockets) {
  const Function functions[] = {{"sendmmsg", Sendmmsg}, {"packAddress", PackInto}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
