#include "posix/spawn_order.h"

#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <utility>

#include "common/arguments.h"

namespace loop {

namespace {

// The largest number means "no change" to the system.
constexpr uint64_t kMaxId = UINT32_MAX - 1;

// The named properties of an object. Each reader copies at once, since the next property may be a getter that pulls the
// memory away.
class Properties {
 public:
  Properties(napi_env env, napi_value object) : env_(env), object_(object) {}

  bool Get(const char* name, napi_value* value) const {
    if (napi_get_named_property(env_, object_, name, value) == napi_ok) return true;
    bool is_pending = false;
    napi_is_exception_pending(env_, &is_pending);
    return !is_pending && ThrowType(env_, "request", "an object");
  }

  bool GetStrings(const char* name, Strings* strings) const {
    napi_value value;
    return Get(name, &value) && strings->Read(env_, value, name);
  }

  // Null: this process's.
  bool GetEnvironment(const char* name, Strings* strings) const {
    napi_value value;
    if (!Get(name, &value)) return false;
    if (!IsNullish(env_, value)) return strings->Read(env_, value, name);
    strings->Copy(Environment());
    return true;
  }

  bool GetBool(const char* name, bool* result) const {
    napi_value value;
    return Get(name, &value) && ReadBool(env_, value, name, result);
  }

  bool GetInt(const char* name, int* result) const {
    napi_value value;
    return Get(name, &value) && ReadInt(env_, value, name, result);
  }

  bool GetIntegers(const char* name, std::vector<int>* integers) const {
    napi_value value;
    return Get(name, &value) && Copy(name, value, integers);
  }

  // What follows takes null too, and leaves what stands there.

  bool GetIntegers(const char* name, std::vector<int>* integers, bool* present) const {
    napi_value value;
    if (!Get(name, &value)) return false;
    *present = !IsNullish(env_, value);
    return !*present || Copy(name, value, integers);
  }

  bool GetText(const char* name, std::string* text, bool* present) const {
    napi_value value;
    if (!Get(name, &value)) return false;
    *present = !IsNullish(env_, value);
    return !*present || ReadString(env_, value, name, text);
  }

  bool GetId(const char* name, int64_t* id) const {
    napi_value value;
    if (!Get(name, &value)) return false;
    if (IsNullish(env_, value)) return true;
    uint64_t number;
    if (!ReadSize(env_, value, name, kMaxId, &number)) return false;
    *id = static_cast<int64_t>(number);
    return true;
  }

 private:
  bool Copy(const char* name, napi_value value, std::vector<int>* integers) const {
    Integers view;
    if (!ReadIntegers(env_, value, name, &view)) return false;
    integers->assign(view.data, view.data + view.size);
    return true;
  }

  napi_env env_;
  napi_value object_;
};

}  // namespace

bool Strings::Read(napi_env env, napi_value array, const char* name) {
  uint32_t length;
  if (!ReadArrayLength(env, array, name, &length)) return false;
  for (uint32_t index = 0; index < length; index++) {
    napi_value element;
    std::string string;
    if (napi_get_element(env, array, index, &element) != napi_ok || !ReadString(env, element, name, &string)) {
      return false;
    }
    strings_.push_back(std::move(string));
  }
  Point();
  return true;
}

void Strings::Copy(const char* const* strings) {
  if (strings != nullptr) {
    for (; *strings != nullptr; strings++) strings_.emplace_back(*strings);
  }
  Point();
}

// Once they stay where they are: a short string is inside its object.
void Strings::Point() {
  for (std::string& string : strings_) pointers_.push_back(&string[0]);
  pointers_.push_back(nullptr);
}

// The system would see what stands before the NUL.
bool Strings::HasNul() const {
  for (const std::string& string : strings_) {
    if (string.find('\0') != std::string::npos) return true;
  }
  return false;
}

SpawnOrder::~SpawnOrder() {
  for (const int fd : held_) close(fd);
}

bool SpawnOrder::Read(napi_env env, napi_value request) {
  const Properties properties(env, request);
  bool has_directory;
  plan_.user = plan_.group = -1;
  if (!properties.GetStrings("files", &files_) || !properties.GetStrings("args", &arguments_) ||
      !properties.GetEnvironment("env", &environment_) || !properties.GetText("cwd", &directory_, &has_directory) ||
      !properties.GetIntegers("stdio", &standard_) || !properties.GetIntegers("passFds", &passed_) ||
      !properties.GetBool("closeFds", &plan_.close_others) || !properties.GetBool("newSession", &plan_.new_session) ||
      !properties.GetInt("terminal", &plan_.terminal) || !properties.GetInt("processGroup", &plan_.process_group) ||
      !properties.GetId("uid", &plan_.user) || !properties.GetId("gid", &plan_.group) ||
      !properties.GetIntegers("groups", &groups_, &plan_.set_groups) ||
      !properties.GetInt("umask", &plan_.file_mode_mask)) {
    return false;
  }
  if (standard_.size() != 3) return ThrowRange(env, "stdio", "3 long");
  if (files_.HasNul() || arguments_.HasNul() || environment_.HasNul() || directory_.find('\0') != std::string::npos) {
    return ThrowRange(env, "request", "without NUL in its strings");
  }
  plan_.files = files_.pointers();
  plan_.arguments = arguments_.pointers();
  plan_.environment = environment_.pointers();
  plan_.directory = has_directory ? directory_.c_str() : nullptr;
  group_ids_.assign(groups_.begin(), groups_.end());
  plan_.groups = group_ids_.data();
  plan_.group_count = group_ids_.size();
  return true;
}

int SpawnOrder::Hold() {
  for (int target = 0; target < 3; target++) {
    if (!Duplicate(standard_[target], &plan_.standard[target])) return -errno;
  }
  if (!Duplicate(plan_.terminal, &plan_.terminal)) return -errno;
  for (const int fd : passed_) {
    int source;
    if (!Duplicate(fd < 0 ? INT_MAX : fd, &source)) return -errno;
    kept_.push_back({source, fd});
  }
  plan_.kept = kept_.data();
  plan_.kept_count = kept_.size();
  // After them: every number that the child keeps is taken now, so that none is given to the pipe.
  return report_.Open();
}

// Out of the way of the standard descriptors, which the child arranges anew. What is negative stays what it is.
bool SpawnOrder::Duplicate(int fd, int* duplicate) {
  *duplicate = fd;
  if (fd < 0) return true;
  *duplicate = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (*duplicate < 0) return false;
  held_.push_back(*duplicate);
  return true;
}

}  // namespace loop
