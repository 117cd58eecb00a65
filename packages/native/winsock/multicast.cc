#include <cstring>

#include "common/address.h"
#include "winsock/socket.h"

// RFC 3678's options, which name an interface by its number and serve both versions of IP.

namespace loop {

namespace {

int LevelOf(int family) { return family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP; }

template <typename Request>
int SetRequest(SOCKET socket, int family, int name, const Request& request) {
  return ::setsockopt(socket, LevelOf(family), name, reinterpret_cast<const char*>(&request), sizeof request);
}

int SetMembership(SOCKET socket, int family, int name, uint32_t interface_index, const SocketAddress& group) {
  GROUP_REQ request = {};
  request.gr_interface = interface_index;
  memcpy(&request.gr_group, &group.storage, static_cast<size_t>(group.size));
  return SetRequest(socket, family, name, request);
}

int SetSourceMembership(SOCKET socket, int family, int name, uint32_t interface_index, const SocketAddress& group,
                        const SocketAddress& source) {
  GROUP_SOURCE_REQ request = {};
  request.gsr_interface = interface_index;
  memcpy(&request.gsr_group, &group.storage, static_cast<size_t>(group.size));
  memcpy(&request.gsr_source, &source.storage, static_cast<size_t>(source.size));
  return SetRequest(socket, family, name, request);
}

// (fd, family, interface, group, source): joins or leaves; a null source is any.
template <int any_source, int one_source>
napi_value ChangeMembership(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  SOCKET socket;
  int error;
  int32_t family;
  uint64_t index;
  SocketAddress group, source;
  if (!ReadSocket(args, &socket) || !args.Int(1, "family", &family) ||
      !args.Size(2, "interface", UINT32_MAX, &index) || !PackAddress(env, args[1], args[3], &group, &error)) {
    return nullptr;
  }
  if (error != 0) return Number(env, error);
  const uint32_t interface_index = static_cast<uint32_t>(index);
  if (IsNullish(env, args[4])) {
    return SocketOutcome(env, SetMembership(socket, family, any_source, interface_index, group));
  }
  if (!PackAddress(env, args[1], args[4], &source, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  return SocketOutcome(env, SetSourceMembership(socket, family, one_source, interface_index, group, source));
}

// (fd, family, interface): where multicasts go out; 0 is the system's choice.
napi_value SetMulticastInterface(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  SOCKET socket;
  int32_t family;
  uint64_t index;
  if (!ReadSocket(args, &socket) || !args.Int(1, "family", &family) ||
      !args.Size(2, "interface", INT32_MAX, &index)) {
    return nullptr;
  }
  // IPv4 takes an address, or a number of an interface as an address of 0.0.0.x, in network order.
  const DWORD number = static_cast<DWORD>(index);
  if (family == AF_INET6) return SocketOutcome(env, SetRequest(socket, family, IPV6_MULTICAST_IF, number));
  return SocketOutcome(env, SetRequest(socket, family, IP_MULTICAST_IF, htonl(number)));
}

}  // namespace

bool DefineMulticast(napi_env env, napi_value sockets) {
  const Function functions[] = {
      {"joinGroup", ChangeMembership<MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP>},
      {"leaveGroup", ChangeMembership<MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP>},
      {"setMulticastInterface", SetMulticastInterface},
  };
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
