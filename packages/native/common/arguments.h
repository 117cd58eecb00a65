#pragma once

#include <node_api.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/errors.h"

namespace loop {

// Memory of a JavaScript typed array. Good only until JavaScript runs again: a getter may detach or resize the buffer,
// so whoever reads properties or array elements does that first and takes the memory last.
struct Bytes {
  uint8_t* data;
  size_t size;
};

// The same of an Int32Array.
struct Integers {
  int32_t* data;
  size_t size;
};

// Doubles up to here are exact integers.
constexpr uint64_t kMaxSafeInteger = (1ULL << 53) - 1;

// The raw Node-API, because a node-addon-api call costs as much as the rest of a `recv` that would block.
// Each reader gives false after it has thrown; the caller then returns null to JavaScript at once.

// A number that is no descriptor reads as -1, for which the system has the right answer (EBADF) in every call.
bool ReadDescriptor(napi_env env, napi_value value, const char* name, int* fd);
bool ReadInt(napi_env env, napi_value value, const char* name, int32_t* result);
// Takes also the upper half of an unsigned number: masks like IN_ONESHOT come from JavaScript with either sign.
bool ReadMask(napi_env env, napi_value value, const char* name, uint32_t* result);
bool ReadSize(napi_env env, napi_value value, const char* name, uint64_t limit, uint64_t* result);
bool ReadBool(napi_env env, napi_value value, const char* name, bool* result);
// Milliseconds to nanoseconds; Infinity is -1, "no limit".
bool ReadTimeout(napi_env env, napi_value value, const char* name, int64_t* nanoseconds);
bool ReadString(napi_env env, napi_value value, const char* name, std::string* result);
bool ReadBytes(napi_env env, napi_value value, const char* name, Bytes* bytes);
// `buffer[offset .. offset + length]`.
bool ReadSlice(napi_env env, napi_value buffer, napi_value offset, napi_value length, Bytes* bytes);
bool ReadIntegers(napi_env env, napi_value value, const char* name, Integers* integers);
bool ReadArrayLength(napi_env env, napi_value value, const char* name, uint32_t* length);

bool IsNullish(napi_env env, napi_value value);

napi_value Number(napi_env env, int64_t value);
// The result of a system call: itself, or -errno when it is negative.
inline napi_value Outcome(napi_env env, int64_t result) { return Number(env, result < 0 ? -errno : result); }

// Calls again while a signal handler interrupts. Not for close(2), which has released the descriptor by then,
// nor for connect(2), which goes on in the background.
template <typename Call>
auto Retry(Call call) -> decltype(call()) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

// The arguments of one call; missing ones are `undefined`, which no reader takes for a value.
template <size_t N>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = N;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  napi_value operator[](size_t index) const { return values_[index]; }

  bool Descriptor(size_t index, int* fd, const char* name = "fd") const {
    return ReadDescriptor(env_, values_[index], name, fd);
  }
  bool Int(size_t index, const char* name, int32_t* result) const { return ReadInt(env_, values_[index], name, result); }
  bool Size(size_t index, const char* name, uint64_t limit, uint64_t* result) const {
    return ReadSize(env_, values_[index], name, limit, result);
  }
  bool String(size_t index, const char* name, std::string* result) const {
    return ReadString(env_, values_[index], name, result);
  }
  bool Memory(size_t index, const char* name, Bytes* bytes) const {
    return ReadBytes(env_, values_[index], name, bytes);
  }
  // An Int32Array that has room for two descriptors.
  bool Pair(size_t index, Integers* pair) const {
    if (!ReadIntegers(env_, values_[index], "pair", pair)) return false;
    return pair->size >= 2 || ThrowRange(env_, "pair", "at least 2 long");
  }
  // Arguments `index`, `index + 1` and `index + 2` as buffer, offset and length.
  bool Slice(size_t index, Bytes* bytes) const {
    return ReadSlice(env_, values_[index], values_[index + 1], values_[index + 2], bytes);
  }

 private:
  napi_env env_;
  napi_value values_[N];
};

struct Function {
  const char* name;
  napi_callback call;
};

struct Constant {
  const char* name;
  int64_t value;
};

template <size_t N>
bool DefineFunctions(napi_env env, napi_value object, const Function (&functions)[N]) {
  for (const Function& function : functions) {
    const napi_property_descriptor property = {function.name, nullptr, function.call, nullptr, nullptr,
                                               nullptr,       napi_enumerable, nullptr};
    if (napi_define_properties(env, object, 1, &property) != napi_ok) return false;
  }
  return true;
}

template <size_t N>
bool DefineConstants(napi_env env, napi_value object, const Constant (&constants)[N]) {
  for (const Constant& constant : constants) {
    if (napi_set_named_property(env, object, constant.name, Number(env, constant.value)) != napi_ok) return false;
  }
  return true;
}

}  // namespace loop
