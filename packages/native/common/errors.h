#pragma once

#include <node_api.h>

#include <cstdint>

namespace loop {

// Errors as Node's own: `code` is ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE. False, so that a reader can return it.
bool ThrowType(napi_env env, const char* name, const char* expected);
bool ThrowRange(napi_env env, const char* name, const char* expected);

// `{ code, errno, syscall }`, for the few places that have no number to return: constructors above all.
void ThrowSystem(napi_env env, int error, const char* syscall);

// What a call gives for the C library's `error`: -error, or on Windows libuv's number of that name. Each platform gives its own.
int32_t ErrorResult(int error);

// "ECONNRESET" for ECONNRESET; null for a number that the platform's table does not have. Each platform gives its own.
const char* ErrorName(int error);

}  // namespace loop
