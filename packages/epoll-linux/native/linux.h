#pragma once

#include <node_api.h>

namespace loop {

// The numbers that only Linux has.
bool DefineLinuxConstants(napi_env env, napi_value constants);

// sendfile(2), whose arguments and results differ from system to system, into `sockets`.
bool DefineSendfile(napi_env env, napi_value sockets);

// Descriptors of Linux that need no socket: eventfd, inotify, pipe2.
bool DefineDescriptors(napi_env env, napi_value linux_calls);

}  // namespace loop
