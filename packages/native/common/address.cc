#include "common/address.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "common/arguments.h"
#include "common/utf8.h"

namespace loop {

namespace {

constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);
constexpr size_t kPathSize = sizeof(sockaddr_un::sun_path);
constexpr size_t kDataOffset = offsetof(sockaddr, sa_data);

bool GetProperty(napi_env env, napi_value object, const char* name, napi_value* value) {
  return napi_get_named_property(env, object, name, value) == napi_ok;
}

// A number that may be left out, as 0.
bool ReadOptional(napi_env env, napi_value object, const char* name, uint64_t limit, uint64_t* result) {
  napi_value value;
  if (!GetProperty(env, object, name, &value)) return false;
  *result = 0;
  return IsNullish(env, value) || ReadSize(env, value, name, limit, result);
}

// `fe80::1%eth0` and `fe80::1%2`: the zone by interface name or number.
bool ParseZone(const char* zone, uint32_t* scope) {
  *scope = if_nametoindex(zone);
  if (*scope != 0) return true;
  char* end;
  const unsigned long number = strtoul(zone, &end, 10);
  if (*zone < '0' || *zone > '9' || *end != '\0' || number > UINT32_MAX) return false;
  *scope = static_cast<uint32_t>(number);
  return true;
}

int PackInet4(const std::string& host, uint16_t port, SocketAddress* address) {
  sockaddr_in inet = {};
  inet.sin_family = AF_INET;
  inet.sin_port = htons(port);
  if (!host.empty() && inet_pton(AF_INET, host.c_str(), &inet.sin_addr) != 1) return ErrorResult(EINVAL);
  memcpy(&address->storage, &inet, sizeof inet);
  address->size = sizeof inet;
  return 0;
}

int PackInet6(std::string host, uint16_t port, uint32_t flowinfo, uint32_t scope, SocketAddress* address) {
  sockaddr_in6 inet = {};
  inet.sin6_family = AF_INET6;
  inet.sin6_port = htons(port);
  inet.sin6_flowinfo = htonl(flowinfo);
  inet.sin6_scope_id = scope;
  const size_t percent = host.find('%');
  if (percent != std::string::npos) {
    if (!ParseZone(host.c_str() + percent + 1, &scope)) return ErrorResult(EINVAL);
    inet.sin6_scope_id = scope;
    host.resize(percent);
  }
  if (!host.empty() && inet_pton(AF_INET6, host.c_str(), &inet.sin6_addr) != 1) return ErrorResult(EINVAL);
  memcpy(&address->storage, &inet, sizeof inet);
  address->size = sizeof inet;
  return 0;
}

bool PackInet(napi_env env, int family, napi_value value, SocketAddress* address, int* error) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object) {
    return ThrowType(env, "address", "an object with host and port");
  }
  napi_value host_value, port_value;
  std::string host;
  uint64_t port, flowinfo = 0, scope = 0;
  if (!GetProperty(env, value, "host", &host_value) || !ReadString(env, host_value, "address.host", &host) ||
      !GetProperty(env, value, "port", &port_value) || !ReadSize(env, port_value, "address.port", UINT16_MAX, &port)) {
    return false;
  }
  if (family == AF_INET6 && (!ReadOptional(env, value, "flowinfo", 0xFFFFF, &flowinfo) ||
                             !ReadOptional(env, value, "scopeid", UINT32_MAX, &scope))) {
    return false;
  }
  // inet_pton would stop at the first NUL and take "127.0.0.1\0.example.org" for an address.
  if (host.find('\0') != std::string::npos) {
    *error = ErrorResult(EINVAL);
  } else if (family == AF_INET) {
    *error = PackInet4(host, static_cast<uint16_t>(port), address);
  } else {
    *error = PackInet6(std::move(host), static_cast<uint16_t>(port), static_cast<uint32_t>(flowinfo),
                       static_cast<uint32_t>(scope), address);
  }
  return true;
}

int PackPath(const char* path, size_t size, SocketAddress* address) {
  sockaddr_un named = {};
  named.sun_family = AF_UNIX;
  const bool is_abstract = size > 0 && path[0] == '\0';
  const bool is_unnamed = size == 0;
  // A path keeps its terminator; an abstract name is all its bytes; an empty one asks the kernel for a name of its own.
  if (size + (is_abstract || is_unnamed ? 0 : 1) > kPathSize) return ErrorResult(ENAMETOOLONG);
  if (!is_abstract && memchr(path, '\0', size) != nullptr) return ErrorResult(EINVAL);
  memcpy(named.sun_path, path, size);
  memcpy(&address->storage, &named, sizeof named);
  address->size = static_cast<socklen_t>(kPathOffset + size + (is_abstract || is_unnamed ? 0 : 1));
  return 0;
}

bool PackUnix(napi_env env, napi_value value, SocketAddress* address, int* error) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_string) {
    std::string path;
    if (!ReadString(env, value, "address", &path)) return false;
    *error = PackPath(path.data(), path.size(), address);
    return true;
  }
  bool is_typed_array = false;
  Bytes path;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) {
    return ThrowType(env, "address", "a path: a string or a Uint8Array");
  }
  if (!ReadBytes(env, value, "address", &path)) return false;
  *error = PackPath(reinterpret_cast<const char*>(path.data), path.size, address);
  return true;
}

bool PackOther(napi_env env, int family, napi_value value, SocketAddress* address, int* error) {
  Bytes bytes;
  if (!ReadBytes(env, value, "address", &bytes)) return false;
  *error = 0;
  if (family < 0 || family > std::numeric_limits<sa_family_t>::max()) *error = ErrorResult(EAFNOSUPPORT);
  if (bytes.size > sizeof address->storage - kDataOffset) *error = ErrorResult(ENAMETOOLONG);
  if (*error != 0) return true;
  address->storage.ss_family = static_cast<sa_family_t>(family);
  memcpy(reinterpret_cast<uint8_t*>(&address->storage) + kDataOffset, bytes.data, bytes.size);
  address->size = static_cast<socklen_t>(kDataOffset + bytes.size);
  return true;
}

napi_value Null(napi_env env) {
  napi_value result = nullptr;
  napi_get_null(env, &result);
  return result;
}

napi_value Copy(napi_env env, const void* data, size_t size) {
  napi_value result = nullptr;
  napi_create_buffer_copy(env, size, data, nullptr, &result);
  return result;
}

void Set(napi_env env, napi_value object, const char* name, int64_t value) {
  napi_set_named_property(env, object, name, Number(env, value));
}

void Set(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) {
    napi_set_named_property(env, object, name, value);
  }
}

napi_value UnpackInet4(napi_env env, const SocketAddress& address) {
  sockaddr_in inet;
  memcpy(&inet, &address.storage, sizeof inet);
  char host[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &inet.sin_addr, host, sizeof host);
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  Set(env, result, "host", host);
  Set(env, result, "port", ntohs(inet.sin_port));
  Set(env, result, "family", "IPv4");
  return result;
}

napi_value UnpackInet6(napi_env env, const SocketAddress& address) {
  sockaddr_in6 inet;
  memcpy(&inet, &address.storage, sizeof inet);
  char host[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &inet.sin6_addr, host, sizeof host);
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  Set(env, result, "host", host);
  Set(env, result, "port", ntohs(inet.sin6_port));
  Set(env, result, "family", "IPv6");
  Set(env, result, "flowinfo", ntohl(inet.sin6_flowinfo));
  Set(env, result, "scopeid", inet.sin6_scope_id);
  return result;
}

napi_value UnpackUnix(napi_env env, const SocketAddress& address) {
  const size_t whole = static_cast<size_t>(address.size);
  if (whole <= kPathOffset) return Null(env);
  const char* path = reinterpret_cast<const char*>(&address.storage) + kPathOffset;
  if (!kHasAbstractNames && path[0] == '\0') return Null(env);
  size_t size = std::min(whole, sizeof address.storage) - kPathOffset;
  // The kernel counts the terminator of a path, and may count padding behind it.
  if (path[0] != '\0') size = strnlen(path, size);
  if (!IsUtf8(path, size)) return Copy(env, path, size);
  napi_value result = nullptr;
  napi_create_string_utf8(env, path, size, &result);
  return result;
}

}  // namespace

bool PackAddress(napi_env env, napi_value family_value, napi_value value, SocketAddress* address, int* error) {
  int32_t family;
  if (!ReadInt(env, family_value, "family", &family)) return false;
  memset(&address->storage, 0, sizeof address->storage);
  address->size = 0;
  if (family == AF_INET || family == AF_INET6) return PackInet(env, family, value, address, error);
  if (family == AF_UNIX) return PackUnix(env, value, address, error);
  return PackOther(env, family, value, address, error);
}

napi_value UnpackAddress(napi_env env, const SocketAddress& address) {
  const size_t whole = static_cast<size_t>(address.size);
  if (whole < kDataOffset) return Null(env);
  const int family = address.get()->sa_family;
  if (family == AF_INET && whole >= sizeof(sockaddr_in)) return UnpackInet4(env, address);
  if (family == AF_INET6 && whole >= sizeof(sockaddr_in6)) return UnpackInet6(env, address);
  if (family == AF_UNIX) return UnpackUnix(env, address);
  // The size is that of the address itself, which may have been cut off to fit.
  const size_t size = std::min(whole, sizeof address.storage) - kDataOffset;
  return Copy(env, reinterpret_cast<const char*>(&address.storage) + kDataOffset, size);
}

}  // namespace loop
