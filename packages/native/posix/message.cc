#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "common/arguments.h"
#include "common/address.h"
#include "posix/buffers.h"
#include "posix/control_message.h"
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

size_t UnitsOf(size_t bytes) { return (bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t); }

// The bytes of a control message that are really there: where the control buffer was too small (MSG_CTRUNC),
// some systems leave the untruncated length in the header.
size_t DataSize(const msghdr& message, cmsghdr* header) {
  const uint8_t* end = static_cast<uint8_t*>(message.msg_control) + message.msg_controllen;
  const size_t room = static_cast<size_t>(end - CMSG_DATA(header));
  return header->cmsg_len < CMSG_LEN(0) ? 0 : std::min<size_t>(header->cmsg_len - CMSG_LEN(0), room);
}

// Descriptors that came along would be lost for ever when their numbers cannot be handed to JavaScript.
void CloseReceived(msghdr* message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr; header = NextControlMessage(message, header)) {
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
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr; header = NextControlMessage(message, header)) {
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
      !args.Int(3, "flags", &flags) || !buffers.Gather(env, args[1], 0, 0, SIZE_MAX)) {
    return nullptr;
  }
  if (buffers.overflow()) return Number(env, -EMSGSIZE);
  Control control(UnitsOf(size));
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

// Appends one control message. False after it has thrown; more than any system takes is -ENOBUFS in `error`, the
// answer the system gives itself.
bool AppendControl(napi_env env, napi_value entry, Control* control, size_t* used, int* error) {
  napi_valuetype kind;
  napi_value level_value, type_value, data_value;
  int32_t level, type;
  Bytes data;
  if (napi_typeof(env, entry, &kind) != napi_ok || kind != napi_object) {
    return ThrowType(env, "ancillary", "an array of objects with level, type and data");
  }
  if (napi_get_named_property(env, entry, "level", &level_value) != napi_ok ||
      !ReadInt(env, level_value, "ancillary.level", &level) ||
      napi_get_named_property(env, entry, "type", &type_value) != napi_ok ||
      !ReadInt(env, type_value, "ancillary.type", &type) ||
      napi_get_named_property(env, entry, "data", &data_value) != napi_ok ||
      !ReadBytes(env, data_value, "ancillary.data", &data)) {
    return false;
  }
  if (data.size > kMaxAncillary || *used + CMSG_SPACE(data.size) > kMaxAncillary) {
    *error = -ENOBUFS;
    return true;
  }
  const size_t at = *used;
  *used += CMSG_SPACE(data.size);
  control->resize(UnitsOf(*used));
  cmsghdr* header = reinterpret_cast<cmsghdr*>(reinterpret_cast<uint8_t*>(control->data()) + at);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(data.size);
  memcpy(CMSG_DATA(header), data.data, data.size);
  return true;
}

bool PackControl(napi_env env, napi_value list, Control* control, size_t* used, int* error) {
  uint32_t length;
  if (!ReadArrayLength(env, list, "ancillary", &length)) return false;
  for (uint32_t index = 0; index < length && *error == 0; index++) {
    napi_value entry;
    if (napi_get_element(env, list, index, &entry) != napi_ok) return false;
    if (!AppendControl(env, entry, control, used, error)) return false;
  }
  return true;
}

napi_value Sendmsg(napi_env env, napi_callback_info info) {
  Arguments<6> args(env, info);
  int fd, error = 0;
  int32_t flags;
  SocketAddress address;
  address.size = 0;
  Control control;
  size_t control_size = 0;
  Buffers buffers;
  if (!args.Descriptor(0, &fd) || !args.Int(3, "flags", &flags)) return nullptr;
  if (!IsNullish(env, args[5]) && !PackAddress(env, args[4], args[5], &address, &error)) return nullptr;
  // Addresses and control messages are copied, so JavaScript may still run; the buffers come last.
  if (!PackControl(env, args[2], &control, &control_size, &error) ||
      !buffers.Gather(env, args[1], 0, 0, SIZE_MAX)) {
    return nullptr;
  }
  if (buffers.overflow()) error = -EMSGSIZE;
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
