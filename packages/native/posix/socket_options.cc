#include <sys/socket.h>

#include <limits>

#include "common/arguments.h"
#include "posix/socket.h"

namespace loop {

namespace {

struct Option {
  int fd;
  int32_t level;
  int32_t name;
  Bytes value;
};

bool ReadOption(napi_env env, napi_callback_info info, Option* option) {
  Arguments<4> args(env, info);
  if (!args.Descriptor(0, &option->fd) || !args.Int(1, "level", &option->level) ||
      !args.Int(2, "name", &option->name) || !args.Memory(3, "value", &option->value)) {
    return false;
  }
  // socklen_t is an int to the kernel.
  return option->value.size <= INT32_MAX || ThrowRange(env, "value", "shorter than 2 GiB");
}

napi_value GetOption(napi_env env, napi_callback_info info) {
  Option option;
  if (!ReadOption(env, info, &option)) return nullptr;
  socklen_t size = static_cast<socklen_t>(option.value.size);
  if (::getsockopt(option.fd, option.level, option.name, option.value.data, &size) < 0) return Outcome(env, -1);
  return Number(env, size);
}

napi_value SetOption(napi_env env, napi_callback_info info) {
  Option option;
  if (!ReadOption(env, info, &option)) return nullptr;
  const socklen_t size = static_cast<socklen_t>(option.value.size);
  return Outcome(env, ::setsockopt(option.fd, option.level, option.name, option.value.data, size));
}

}  // namespace

bool DefineSocketOptions(napi_env env, napi_value sockets) {
  const Function functions[] = {{"getsockopt", GetOption}, {"setsockopt", SetOption}};
  return DefineFunctions(env, sockets, functions);
}

}  // namespace loop
