#pragma once

#include <node_api.h>

namespace loop {

// contract.ts's CONTRACT_ABI that these sources were written for.
constexpr int kContractAbi = 1;

// Adds contract.ts's `SocketOps` to `sockets`, but for sendfile, which is the backend's. False when an exception is
// pending; also where `sockets` is null.
bool DefineSockets(napi_env env, napi_value sockets);

// Its parts, a file each.
bool DefineSocket(napi_env env, napi_value sockets);
bool DefineSocketOptions(napi_env env, napi_value sockets);
bool DefineIo(napi_env env, napi_value sockets);
bool DefineMessages(napi_env env, napi_value sockets);
bool DefineReceiveDatagrams(napi_env env, napi_value sockets);
bool DefineSendDatagrams(napi_env env, napi_value sockets);
bool DefineMulticast(napi_env env, napi_value sockets);

// The numbers that POSIX gives names to; a backend adds its system's own.
bool DefineConstants(napi_env env, napi_value constants);

}  // namespace loop
