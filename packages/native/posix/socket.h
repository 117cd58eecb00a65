#pragma once

#include <node_api.h>

namespace loop {

// Each adds its functions of contract.ts's `SocketOps` to `sockets`. False when an exception is pending.
bool DefineSocket(napi_env env, napi_value sockets);
bool DefineSocketOptions(napi_env env, napi_value sockets);
bool DefineIo(napi_env env, napi_value sockets);
bool DefineMessages(napi_env env, napi_value sockets);
bool DefineReceiveDatagrams(napi_env env, napi_value sockets);
bool DefineSendDatagrams(napi_env env, napi_value sockets);
bool DefineMulticast(napi_env env, napi_value sockets);
bool DefineServices(napi_env env, napi_value sockets);

// The numbers that POSIX gives names to; a backend adds its system's own.
bool DefineConstants(napi_env env, napi_value constants);

}  // namespace loop
