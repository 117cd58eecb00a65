#pragma once

#include <node_api.h>

#include "common/socket_headers.h"

namespace loop {

// A socket address in the kernel's form. `size` of zero is "no address".
struct SocketAddress {
  sockaddr_storage storage;
  socklen_t size;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Packs what the user sees: `{ host, port, ... }` for AF_INET and AF_INET6, a path (string or bytes) for AF_UNIX, for
// any other family the bytes after sa_family. False after it has thrown; otherwise `error` is 0 or -errno: -EINVAL for
// a host that is not numeric, -ENAMETOOLONG for a path that does not fit.
// Reads properties, so JavaScript may run: memory of typed arrays is taken after it.
bool PackAddress(napi_env env, napi_value family, napi_value value, SocketAddress* address, int* error);

// The other way. `null` for an unnamed Unix peer; a Buffer for a path that is not UTF-8 and for unknown families.
napi_value UnpackAddress(napi_env env, const SocketAddress& address);

}  // namespace loop
