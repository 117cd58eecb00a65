#include <grp.h>
#include <pwd.h>

#include <string>
#include <vector>

#include "common/arguments.h"
#include "posix/process.h"

namespace loop {

namespace {

// A group can have thousands of members, whose names all come along.
constexpr size_t kFirstScratch = 1024;
constexpr size_t kMaxScratch = 1 << 20;

// Calls again with more memory until there is enough. The number of `name`, -ENOENT for none, or another -errno.
template <typename Entry, typename Call, typename Id>
int64_t LookUp(const std::string& name, Call call, Id Entry::*id) {
  for (size_t size = kFirstScratch;; size *= 4) {
    std::vector<char> scratch(size);
    Entry entry;
    Entry* found = nullptr;
    const int error = call(name.c_str(), &entry, scratch.data(), scratch.size(), &found);
    if (found != nullptr) return static_cast<int64_t>(entry.*id);
    if (error == EINTR || (error == ERANGE && size < kMaxScratch)) continue;
    // C libraries answer differently for a name that nobody has.
    return error == ERANGE || error == EMFILE || error == ENFILE || error == EIO || error == ENOMEM ? -error : -ENOENT;
  }
}

napi_value UserByName(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  std::string name;
  if (!args.String(0, "name", &name)) return nullptr;
  return Number(env, LookUp<passwd>(name, getpwnam_r, &passwd::pw_uid));
}

napi_value GroupByName(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  std::string name;
  if (!args.String(0, "name", &name)) return nullptr;
  return Number(env, LookUp<group>(name, getgrnam_r, &group::gr_gid));
}

}  // namespace

bool DefineAccounts(napi_env env, napi_value processes) {
  const Function functions[] = {{"getpwnam", UserByName}, {"getgrnam", GroupByName}};
  return DefineFunctions(env, processes, functions);
}

}  // namespace loop
