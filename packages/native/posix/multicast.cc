#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "common/arguments.h"
#include "common/address.h"
#include "posix/socket.h"

// RFC 3678's options, which name an interface by its number and serve both versions of IP.

namespace loop {

namespace {

int LevelOf(int family) { return family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP; }

int SetMembership(int fd, int family, int name, uint32_t interface_index, const SocketAddress& group) {
  group_req request = {};
  request.gr_interface = interface_index;
  memcpy(&request.gr_group, &group.storage, group.size);
  return ::setsockopt(fd, LevelOf(family), name, &request, sizeof request);
}

int SetSourceMembership(int fd, int family, int name, uint32_t interface_index, const SocketAddress& group,
                        const SocketAddress& source) {
  group_source_req request = {};
  request.gsr_interface = interface_index;
  memcpy(&request.gsr_group, &group.storage, group.size);
  memcpy(&request.gsr_source, &source.storage, source.size);
  return ::setsockopt(fd, LevelOf(family), name, &request, sizeof request);
}

// (fd, family, interface, group, source): joins or leaves; a null source is any.
template <int any_source, int one_source>
napi_value ChangeMembership(napi_env env, napi_callback_info info) {
  Arguments<5> args(env, info);
  int fd, error;
  int32_t family;
  uint64_t index;
  SocketAddress group, source;
  if (!args.Descriptor(0, &fd) || !args.Int(1, "family", &family) ||
      !args.Size(2, "interface", UINT32_MAX, &index) || !PackAddress(env, args[1], args[3], &group, &error)) {
    return nullptr;
  }
  if (error != 0) return Number(env, error);
  const uint32_t interface_index = static_cast<uint32_t>(index);
  if (IsNullish(env, args[4])) return Outcome(env, SetMembership(fd, family, any_source, interface_index, group));
  if (!PackAddress(env, args[1], args[4], &source, &error)) return nullptr;
  if (error != 0) return Number(env, error);
  return Outcome(env, SetSourceMembership(fd, family, one_source, interface_index, group, source));
}

// (fd, family, interface): where multicasts go out; 0 is the system's choice.
napi_value SetMulticastInterface(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int fd;
  int32_t family;
  uint64_t index;
  if (!args.Descriptor(0, &fd) || !args.Int(1, "family", &family) || !args.Size(2, "interface", INT32_MAX, &index)) {
    return nullptr;
  }
  const int number = static_cast<int>(index);
  if (family == AF_INET6) {
    return Outcome(env, ::setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &number, sizeof number));
  }
  ip_mreqn request = {};
  request.imr_ifindex = number;
  return Outcome(env, ::setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request));
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
