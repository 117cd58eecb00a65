#include "common/errors.h"

#include <cstdio>
#include <cstring>

namespace loop {

bool ThrowType(napi_env env, const char* name, const char* expected) {
  char message[160];
  snprintf(message, sizeof message, "The \"%s\" argument must be %s", name, expected);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return false;
}

bool ThrowRange(napi_env env, const char* name, const char* expected) {
  char message[160];
  snprintf(message, sizeof message, "The \"%s\" argument is out of range: it must be %s", name, expected);
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
  return false;
}

void ThrowSystem(napi_env env, int error, const char* syscall) {
  const char* name = ErrorName(error);
  char message[160];
  snprintf(message, sizeof message, "%s: %s, %s", name ? name : "UNKNOWN", strerror(error), syscall);
  napi_value code, text, number, call, object;
  if (napi_create_string_utf8(env, name ? name : "UNKNOWN", NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_create_error(env, code, text, &object) != napi_ok ||
      napi_create_int32(env, -error, &number) != napi_ok ||
      napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &call) != napi_ok ||
      napi_set_named_property(env, object, "errno", number) != napi_ok ||
      napi_set_named_property(env, object, "syscall", call) != napi_ok) {
    return;  // Whatever failed has left its own exception.
  }
  napi_throw(env, object);
}

}  // namespace loop
