#include "winprocess/spawn_request.h"

#include <uv/errno.h>

#include "common/arguments.h"
#include "winsock/wide_string.h"
#include "winsock/errors.h"

namespace loop {

namespace {

// contract.ts: what becomes of a standard stream, beside a handle.
constexpr int64_t kInherit = -1;
constexpr int64_t kNull = -2;

constexpr DWORD kStandard[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

// The named properties of an object.
class Properties {
 public:
  Properties(napi_env env, napi_value object) : env_(env), object_(object) {}

  bool Get(const char* name, napi_value* value) const {
    if (napi_get_named_property(env_, object_, name, value) == napi_ok) return true;
    bool is_pending = false;
    napi_is_exception_pending(env_, &is_pending);
    return !is_pending && ThrowType(env_, "request", "an object");
  }

  bool GetString(const char* name, std::wstring* string) const {
    napi_value value;
    return Get(name, &value) && ReadWideString(env_, value, name, string);
  }

  // Null leaves it empty.
  bool GetOptional(const char* name, std::wstring* string) const {
    napi_value value;
    if (!Get(name, &value)) return false;
    return IsNullish(env_, value) || ReadWideString(env_, value, name, string);
  }

  bool GetStrings(const char* name, std::vector<std::wstring>* strings) const {
    napi_value value;
    uint32_t length;
    if (!Get(name, &value) || !ReadArrayLength(env_, value, name, &length)) return false;
    for (uint32_t index = 0; index < length; index++) {
      napi_value element;
      std::wstring string;
      if (napi_get_element(env_, value, index, &element) != napi_ok || !ReadWideString(env_, element, name, &string)) {
        return false;
      }
      strings->push_back(std::move(string));
    }
    return true;
  }

  bool GetBool(const char* name, bool* result) const {
    napi_value value;
    return Get(name, &value) && ReadBool(env_, value, name, result);
  }

  bool GetMask(const char* name, DWORD* result) const {
    napi_value value;
    uint32_t mask;
    if (!Get(name, &value) || !ReadMask(env_, value, name, &mask)) return false;
    *result = mask;
    return true;
  }

  // Three handles, or what stands for them.
  bool GetStandard(const char* name, int64_t (&standard)[3]) const {
    napi_value value;
    uint32_t length;
    if (!Get(name, &value) || !ReadArrayLength(env_, value, name, &length)) return false;
    if (length != 3) return ThrowRange(env_, name, "3 long");
    for (uint32_t index = 0; index < length; index++) {
      napi_value element;
      if (napi_get_element(env_, value, index, &element) != napi_ok) return false;
      if (napi_get_value_int64(env_, element, &standard[index]) != napi_ok) return ThrowType(env_, name, "numbers");
    }
    return true;
  }

 private:
  napi_env env_;
  napi_value object_;
};

// 0, or -errno.
int32_t Duplicate(HANDLE source, UniqueHandle* duplicate) {
  HANDLE handle;
  const HANDLE self = GetCurrentProcess();
  if (!DuplicateHandle(self, source, self, &handle, 0, FALSE, DUPLICATE_SAME_ACCESS)) return LastError();
  duplicate->Reset(handle);
  return 0;
}

int32_t OpenStandard(int64_t given, int index, UniqueHandle* standard) {
  if (given >= 0) return Duplicate(reinterpret_cast<HANDLE>(given), standard);
  if (given == kNull) {
    *standard = UniqueHandle(CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                         nullptr, OPEN_EXISTING, 0, nullptr));
    return *standard ? 0 : LastError();
  }
  if (given != kInherit) return UV__EINVAL;
  const HANDLE own = GetStdHandle(kStandard[index]);
  // A program with windows has none, and its child then has none either.
  if (own == nullptr || own == INVALID_HANDLE_VALUE) return 0;
  const int32_t error = Duplicate(own, standard);
  // One that was closed.
  return error == UV__EBADF ? 0 : error;
}

}  // namespace

bool ReadSpawnRequest(napi_env env, napi_value request, ChildPlan* plan, int32_t* error) {
  const Properties properties(env, request);
  int64_t standard[3];
  if (!properties.GetStrings("files", &plan->files) || !properties.GetOptional("interpreter", &plan->interpreter) ||
      !properties.GetString("commandLine", &plan->command_line) ||
      !properties.GetOptional("env", &plan->environment) || !properties.GetOptional("cwd", &plan->directory) ||
      !properties.GetStandard("stdio", standard) || !properties.GetMask("flags", &plan->flags) ||
      !properties.GetBool("hidden", &plan->is_hidden) || !properties.GetBool("job", &plan->has_job)) {
    return false;
  }
  *error = 0;
  for (int index = 0; index < 3 && *error == 0; index++) {
    *error = OpenStandard(standard[index], index, &plan->standard[index]);
  }
  return true;
}

}  // namespace loop
