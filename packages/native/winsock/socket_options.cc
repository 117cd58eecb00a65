#include <cstring>

#include "winsock/socket.h"

namespace loop {

namespace {

struct Option {
  SOCKET socket;
  int32_t level;
  int32_t name;
  Bytes value;
};

bool ReadOption(napi_env env, napi_callback_info info, Option* option) {
  Arguments<4> args(env, info);
  if (!ReadSocket(args, &option->socket) || !args.Int(1, "level", &option->level) ||
      !args.Int(2, "name", &option->name) || !args.Memory(3, "value", &option->value)) {
    return false;
  }
  return option->value.size <= INT32_MAX || ThrowRange(env, "value", "shorter than 2 GiB");
}

napi_value GetOption(napi_env env, napi_callback_info info) {
  Option option;
  if (!ReadOption(env, info, &option)) return nullptr;
  int size = static_cast<int>(option.value.size);
  char* value = reinterpret_cast<char*>(option.value.data);
  if (::getsockopt(option.socket, option.level, option.name, value, &size) == SOCKET_ERROR) {
    return SocketOutcome(env, SOCKET_ERROR);
  }
  if (option.level == SOL_SOCKET && option.name == SO_ERROR && size == sizeof(int)) {
    // Winsock's number for it; everybody else here knows ours.
    int error;
    memcpy(&error, value, sizeof error);
    error = -FromWindowsError(static_cast<uint32_t>(error));
    memcpy(value, &error, sizeof error);
  }
  // Winsock gives some of POSIX's ints as a byte.
  if (size == 1 && option.value.size >= sizeof(int)) {
    memset(value + 1, 0, sizeof(int) - 1);
    size = sizeof(int);
  }
  return Number(env, size);
}

napi_value SetOption(napi_env env, napi_callback_info info) {
  Option option;
  if (!ReadOption(env, info, &option)) return nullptr;
  return SocketOutcome(env, ::setsockopt(option.socket, option.level, option.name,
                                         reinterpret_cast<const char*>(option.value.data),
                                         static_cast<int>(option.value.size)));
}

}  // namespace

bool DefineSocketOptions(napi_env env, napi_value sockets) {
  const Function functions[] = {{"getsockopt", GetOption}, {"setsockopt", SetOption}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
