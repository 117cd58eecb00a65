#include "common/arguments.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace loop {

namespace {

constexpr double kIntMin = std::numeric_limits<int32_t>::min();
constexpr double kIntMax = std::numeric_limits<int32_t>::max();
constexpr double kUnsignedMax = std::numeric_limits<uint32_t>::max();
constexpr double kNanosecondsPerMillisecond = 1e6;
// 146 years; the nanoseconds of anything longer would not fit their type.
constexpr double kMaxTimeout = 4.6e12;

// As a double, because napi_get_value_int32 turns 1.5 into 1 and NaN into 0: wrong descriptors both.
bool ReadDouble(napi_env env, napi_value value, const char* name, double* result) {
  if (napi_get_value_double(env, value, result) == napi_ok) return true;
  return ThrowType(env, name, "a number");
}

// Where an empty view points to: never read or written, but system calls refuse null.
const uint8_t kNoBytes = 0;

// Only an empty view can belong to a detached buffer, so only an empty one pays for the question.
bool IsAttached(napi_env env, napi_value view, const char* name) {
  napi_value buffer;
  bool detached = false;
  if (napi_get_typedarray_info(env, view, nullptr, nullptr, nullptr, &buffer, nullptr) == napi_ok &&
      napi_is_detached_arraybuffer(env, buffer, &detached) == napi_ok && detached) {
    return ThrowType(env, name, "a view of a buffer that is not detached");
  }
  return true;
}

}  // namespace

bool ReadDescriptor(napi_env env, napi_value value, const char* name, int* fd) {
  double number;
  if (!ReadDouble(env, value, name, &number)) return false;
  *fd = -1;
  if (number >= 0 && number <= kIntMax) {
    const int32_t integer = static_cast<int32_t>(number);
    if (integer == number) *fd = integer;
  }
  return true;
}

bool ReadInt(napi_env env, napi_value value, const char* name, int32_t* result) {
  double number;
  if (!ReadDouble(env, value, name, &number)) return false;
  if (number >= kIntMin && number <= kIntMax) {
    *result = static_cast<int32_t>(number);
    if (*result == number) return true;
  }
  return ThrowRange(env, name, "an integer of 32 bits");
}

bool ReadMask(napi_env env, napi_value value, const char* name, uint32_t* result) {
  double number;
  if (!ReadDouble(env, value, name, &number)) return false;
  if (number >= kIntMin && number <= kUnsignedMax && number == std::trunc(number)) {
    *result = static_cast<uint32_t>(static_cast<int64_t>(number));
    return true;
  }
  return ThrowRange(env, name, "a mask of 32 bits");
}

bool ReadSize(napi_env env, napi_value value, const char* name, uint64_t limit, uint64_t* result) {
  double number;
  if (!ReadDouble(env, value, name, &number)) return false;
  if (number >= 0 && number <= static_cast<double>(kMaxSafeInteger)) {
    *result = static_cast<uint64_t>(number);
    if (static_cast<double>(*result) == number && *result <= limit) return true;
  }
  char expected[64];
  snprintf(expected, sizeof expected, "an integer from 0 to %llu", static_cast<unsigned long long>(limit));
  return ThrowRange(env, name, expected);
}

bool ReadBool(napi_env env, napi_value value, const char* name, bool* result) {
  if (napi_get_value_bool(env, value, result) == napi_ok) return true;
  return ThrowType(env, name, "a boolean");
}

bool ReadTimeout(napi_env env, napi_value value, const char* name, int64_t* nanoseconds) {
  double milliseconds;
  if (!ReadDouble(env, value, name, &milliseconds)) return false;
  if (std::isnan(milliseconds)) return ThrowRange(env, name, "a number of milliseconds");
  if (milliseconds <= 0) {
    *nanoseconds = 0;
  } else if (milliseconds > kMaxTimeout) {
    *nanoseconds = -1;
  } else {
    // Rounded up: a wait that ends a nanosecond early makes its caller go round once more for nothing.
    *nanoseconds = static_cast<int64_t>(std::ceil(milliseconds * kNanosecondsPerMillisecond));
  }
  return true;
}

bool ReadString(napi_env env, napi_value value, const char* name, std::string* result) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return ThrowType(env, name, "a string");
  result->resize(length);
  // The terminator lands on std::string's own.
  napi_get_value_string_utf8(env, value, &(*result)[0], length + 1, &length);
  return true;
}

bool ReadBytes(napi_env env, napi_value value, const char* name, Bytes* bytes) {
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &bytes->size, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return ThrowType(env, name, "a Uint8Array");
  }
  bytes->data = static_cast<uint8_t*>(data);
  if (bytes->size > 0) return true;
  // A view that a resizable buffer has shrunk away from is empty, yet its address may point past the memory.
  bytes->data = const_cast<uint8_t*>(&kNoBytes);
  return IsAttached(env, value, name);
}

bool ReadIntegers(napi_env env, napi_value value, const char* name, Integers* integers) {
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &integers->size, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array) {
    return ThrowType(env, name, "an Int32Array");
  }
  integers->data = static_cast<int32_t*>(data);
  return integers->size > 0 || IsAttached(env, value, name);
}

bool ReadSlice(napi_env env, napi_value buffer, napi_value offset, napi_value length, Bytes* bytes) {
  uint64_t start, size;
  if (!ReadBytes(env, buffer, "buffer", bytes) || !ReadSize(env, offset, "offset", bytes->size, &start) ||
      !ReadSize(env, length, "length", bytes->size - start, &size)) {
    return false;
  }
  bytes->data += start;
  bytes->size = size;
  return true;
}

bool ReadArrayLength(napi_env env, napi_value value, const char* name, uint32_t* length) {
  bool is_array = false;
  if (napi_is_array(env, value, &is_array) == napi_ok && is_array &&
      napi_get_array_length(env, value, length) == napi_ok) {
    return true;
  }
  return ThrowType(env, name, "an array");
}

bool IsNullish(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined);
}

napi_value Number(napi_env env, int64_t value) {
  napi_value result = nullptr;
  if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max()) {
    napi_create_int32(env, static_cast<int32_t>(value), &result);
  } else {
    napi_create_double(env, static_cast<double>(value), &result);
  }
  return result;
}

}  // namespace loop
