#include "winsock/wide_string.h"

#include "common/errors.h"

namespace loop {

bool ReadWideString(napi_env env, napi_value value, const char* name, std::wstring* result) {
  static_assert(sizeof(wchar_t) == sizeof(char16_t), "Windows' characters are UTF-16");
  size_t length = 0;
  if (napi_get_value_string_utf16(env, value, nullptr, 0, &length) != napi_ok) return ThrowType(env, name, "a string");
  // It writes a NUL behind them.
  result->resize(length + 1);
  napi_get_value_string_utf16(env, value, reinterpret_cast<char16_t*>(&(*result)[0]), length + 1, &length);
  result->resize(length);
  return true;
}

}  // namespace loop
