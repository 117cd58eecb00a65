#include <string>

#include "common/arguments.h"
#include "common/services.h"
#include "common/socket_headers.h"

namespace loop {

namespace {

// The plain getservby* answer from memory that another worker's call overwrites. macOS and Windows, which have no _r form,
// keep that memory per thread.
#ifdef __linux__
constexpr size_t kScratch = 4096;
#endif

const char* OrAny(const std::string& protocol) { return protocol.empty() ? nullptr : protocol.c_str(); }

napi_value ServiceByName(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  std::string name, protocol;
  if (!args.String(0, "name", &name) || !args.String(1, "proto", &protocol)) return nullptr;
#ifdef __linux__
  servent entry;
  servent* found = nullptr;
  char scratch[kScratch];
  getservbyname_r(name.c_str(), OrAny(protocol), &entry, scratch, sizeof scratch, &found);
#else
  servent* found = getservbyname(name.c_str(), OrAny(protocol));
#endif
  return Number(env, found ? ntohs(static_cast<uint16_t>(found->s_port)) : ErrorResult(ENOENT));
}

napi_value ServiceByPort(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  uint64_t port;
  std::string protocol;
  if (!args.Size(0, "port", UINT16_MAX, &port) || !args.String(1, "proto", &protocol)) return nullptr;
  const int number = htons(static_cast<uint16_t>(port));
#ifdef __linux__
  servent entry;
  servent* found = nullptr;
  char scratch[kScratch];
  getservbyport_r(number, OrAny(protocol), &entry, scratch, sizeof scratch, &found);
#else
  servent* found = getservbyport(number, OrAny(protocol));
#endif
  napi_value result = nullptr;
  if (found) {
    napi_create_string_utf8(env, found->s_name, NAPI_AUTO_LENGTH, &result);
  } else {
    napi_get_null(env, &result);
  }
  return result;
}

napi_value InterfaceByName(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  std::string name;
  if (!args.String(0, "name", &name)) return nullptr;
  const unsigned index = if_nametoindex(name.c_str());
  return Number(env, index > 0 ? static_cast<int64_t>(index) : ErrorResult(ENODEV));
}

napi_value InterfaceByIndex(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  uint64_t index;
  if (!args.Size(0, "index", UINT32_MAX, &index)) return nullptr;
  char name[IF_NAMESIZE];
  napi_value result = nullptr;
  if (if_indextoname(static_cast<unsigned>(index), name)) {
    napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &result);
  } else {
    napi_get_null(env, &result);
  }
  return result;
}

}  // namespace

bool DefineServices(napi_env env, napi_value sockets) {
  const Function functions[] = {{"getservbyname", ServiceByName},
                                {"getservbyport", ServiceByPort},
                                {"ifNameToIndex", InterfaceByName},
                                {"ifIndexToName", InterfaceByIndex}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
