#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "common/arguments.h"
#include "posix/address.h"
#include "posix/buffers.h"
#include "posix/socket.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

namespace loop {

namespace {

// Far above what any system takes (net.core.optmem_max is 128 KiB), and nothing that could exhaust the memory.
constexpr size_t kMaxAncillary = 16 << 20;

// Control messages start at an aligned address.
using Control = std::vector<std::max_align_t>;

Control MakeControl(size_t size) { return Control((size + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t)); }

// The bytes of a control message that are really there: where the control buffer was too small (MSG_CTRUNC),
// some systems leave the untruncated length in the header.
size_t DataSize(const msghdr& message, cmsghdr* header) {
  const uint8_t* end = static_cast<uint8_t*>(message.msg_control) + message.msg_controllen;
  const size_t room = static_cast<size_t>(end - CMSG_DATA(header));
  return header->cmsg_len < CMSG_LEN(0) ? 0 : std::min<size_t>(header->cmsg_len - CMSG_LEN(0), room);
}

// Descriptors that came along would be lost for ever when their numbers cannot be handed to JavaScript.
void CloseReceived(msghdr* message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t size = DataSize(*message, header);
    for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
      ::close(fd);
    }
  }
}

bool SetNumber(napi_env env, napi_value object, const char* name, int64_t number) {
  return napi_set_named_property(env, object, name, Number(env, number)) == napi_ok;
}

bool AddControl(napi_env env, const msghdr& message, cmsghdr* header, napi_value list, uint32_t index) {
  napi_value entry, data;
  return napi_create_object(env, &entry) == napi_ok && SetNumber(env, entry, "level", header->cmsg_level) &&
         SetNumber(env, entry, "type", header->cmsg_type) &&
         napi_create_buffer_copy(env, DataSize(message, header), CMSG_DATA(header), nullptr, &data) == napi_ok &&
         napi_set_named_property(env, entry, "data", data) == napi_ok &&
         napi_set_element(env, list, index, entry) == napi_ok;
}

napi_value MakeResult(napi_env env, msghdr* message, const SocketAddress& sender, ssize_t bytes) {
  napi_value result, list;
  if (napi_create_object(env, &result) != napi_ok || napi_create_array(env, &list) != napi_ok) return nullptr;
  uint32_t count = 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr; header = CMSG_NXTHDR(message, header)) {
    if (!AddControl(env, *message, header, list, count++)) return nullptr;
  }
  napi_value address = UnpackAddress(env, sender);
  if (address == nullptr || !SetNumber(env, result, "bytes", bytes) ||
      !SetNumber(env, result, "flags", message->msg_flags & ~MSG_CMSG_CLOEXEC) ||
      napi_set_named_property(env, result, "address", address) != napi_ok ||
      napi_set_named_property(env, result, "ancillary", list) != napi_ok) {
    return nullptr;
  }
  return result;
}

napi_value Recvmsg(napi_env env, napi_callback_info info) {
  Arguments<4> args(env, info);
  int fd;
  int32_t flags;
  uint64_t size;
  Buffers buffers;
  if (!args.Descriptor(0, &fd) || !args.Size(2, "ancillarySize", kMaxAncillary, &size) ||
      !args.Int(3, "flags", &flags) || !buffers.Fetch(env, args[1], 0, SIZE_MAX) || !buffers.Locate(env, 0)) {
    return nullptr;
  }
  if (buffers.overflow()) return Number(env, -EMSGSIZE);
  Control control = MakeControl(size);
  SocketAddress sender;
  msghdr message;
  const ssize_t received = Retry([&] {
    message = {};
    message.msg_name = &sender.storage;
    message.msg_namelen = sizeof sender.storage;
    message.msg_iov = buffers.vectors();
    message.msg_iovlen = buffers.count();
    message.msg_control = size > 0 ? control.data() : nullptr;
    message.msg_controllen = size;
    return ::recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);
  });
  if (received < 0) return Outcome(env, received);
  sender.size = message.msg_namelen;
  napi_value result = MakeResult(env, &message, sender, received);
  if (result == nullptr) CloseReceived(&message);
  return result;
}

struct Item {
  int32_t level;
  int32_t type;
  napi_value data;
};

// Reads the properties, which may run JavaScript; the memory of `data` is taken later.
bool ReadItems(napi_env env, napi_value list, std::vector<Item>* items) {
  uint32_t length;
  if (!ReadArrayLength(env, list, "ancillary", &length)) return false;
  for (uint32_t index = 0; index < length; index++) {
    napi_value entry, level, type;
    napi_valuetype kind;
    Item item;
    if (napi_get_element(env, list, index, &entry) != napi_ok) return false;
    if (napi_typeof(env, entry, &kind) != napi_ok || kind != napi_object) {
      return ThrowType(env, "ancillary", "an array of objects with level, type and data");
    }
    if (napi_get_named_property(env, entry, "level", &level) != napi_ok ||
        !ReadInt(env, level, "ancillary.level", &item.level) ||
        napi_get_named_property(env, entry, "type", &type) != napi_ok ||
        !ReadInt(env, type, "ancillary.type", &item.type) ||
        napi_get_named_property(env, entry, "data", &item.data) != napi_ok) {
      return false;
    }
    Bytes bytes;
    if (!ReadBytes(env, item.data, "ancillary.data", &bytes)) return false;
    items->push_back(item);
  }
  return true;
}

// False after it has thrown. More than any system takes is -ENOBUFS in `error`, the answer the system gives itself.
bool PackControl(napi_env env, const std::vector<Item>& items, Control* control, size_t* size, int* error) {
  *size = 0;
  *error = 0;
  for (const Item& item : items) {
    Bytes bytes;
    if (!ReadBytes(env, item.data, "ancillary.data", &bytes)) return false;
    if (bytes.size > kMaxAncillary || *size + CMSG_SPACE(bytes.size) > kMaxAncillary) {
      *error = -ENOBUFS;
      return true;
    }
    *size += CMSG_SPACE(bytes.size);
  }
  *control = MakeControl(*size);
  uint8_t* at = reinterpret_cast<uint8_t*>(control->data());
  for (const Item& item : items) {
    Bytes bytes;
    if (!ReadBytes(env, item.data, "ancillary.data", &bytes)) return false;
    cmsghdr* header = reinterpret_cast<cmsghdr*>(at);
    header->cmsg_level = item.level;
    header->cmsg_type = item.type;
    header->cmsg_len = CMSG_LEN(bytes.size);
    memcpy(CMSG_DATA(header), bytes.data, bytes.size);
    at += CMSG_SPACE(bytes.size);
  }
  return true;
}

napi_value Sendmsg(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  int fd, error = 0;
  int32_t flags;
  Buffers buffers;
  SocketAddress address;
  address.size = 0;
  std::vector<Item> items;
  Control control;
  size_t control_size;
  if (!args.Descriptor(0, &fd) || !args.Int(3, "flags", &flags)) return nullptr;
  if (!IsNullish(env, args[5]) && !PackAddress(env, args[4], args[5], &address, &error)) return nullptr;
  if (!ReadItems(env, args[2], &items) || !buffers.Fetch(env, args[1], 0, SIZE_MAX)) return nullptr;
  // From here on no JavaScript runs.
  int control_error;
  if (!PackControl(env, items, &control, &control_size, &control_error) || !buffers.Locate(env, 0)) return nullptr;
  if (error == 0) error = buffers.overflow() ? -EMSGSIZE : control_error;
  if (error != 0) return Number(env, error);
  msghdr message = {};
  message.msg_name = address.size > 0 ? &address.storage : nullptr;
  message.msg_namelen = address.size;
  message.msg_iov = buffers.vectors();
  message.msg_iovlen = buffers.count();
  message.msg_control = control_size > 0 ? control.data() : nullptr;
  message.msg_controllen = control_size;
  return Outcome(env, Retry([&] { return ::sendmsg(fd, &message, flags | MSG_NOSIGNAL); }));
}

}  // namespace

bool DefineMessages(napi_env env, napi_value sockets) {
  const Function functions[] = {{"recvmsg", Recvmsg}, {"sendmsg", Sendmsg}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
