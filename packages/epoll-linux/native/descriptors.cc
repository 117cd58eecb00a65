#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <string>

#include "common/arguments.h"
#include "linux.h"
#include "posix/descriptor.h"

namespace loop {

namespace {

napi_value Eventfd(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  uint64_t initial;
  int32_t flags;
  if (!args.Size(0, "initial", UINT32_MAX, &initial) || !args.Int(1, "flags", &flags)) return nullptr;
  return Outcome(env, ::eventfd(static_cast<unsigned>(initial), flags | EFD_NONBLOCK | EFD_CLOEXEC));
}

napi_value InotifyInit(napi_env env, napi_callback_info) {
  return Outcome(env, ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

napi_value InotifyAddWatch(napi_env env, napi_callback_info info) {
  Arguments<3> args(env, info);
  int fd;
  std::string path;
  uint32_t mask;
  if (!args.Descriptor(0, &fd) || !args.String(1, "path", &path) || !ReadMask(env, args[2], "mask", &mask)) {
    return nullptr;
  }
  // The system would watch what stands before the NUL.
  if (path.find('\0') != std::string::npos) return Number(env, -EINVAL);
  return Outcome(env, ::inotify_add_watch(fd, path.c_str(), mask));
}

napi_value Pipe2(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  Integers pair;
  if (!args.Pair(0, &pair)) return nullptr;
  return Outcome(env, OpenPipe(pair.data));
}

}  // namespace

bool DefineDescriptors(napi_env env, napi_value linux_calls) {
  const Function functions[] = {
      {"eventfd", Eventfd}, {"inotifyInit", InotifyInit}, {"inotifyAddWatch", InotifyAddWatch}, {"pipe2", Pipe2}};
  return DefineFunctions(env, linux_calls, functions);
}

}  // namespace loop
