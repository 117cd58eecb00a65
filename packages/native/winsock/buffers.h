#pragma once

#include <vector>

#include "winsock/socket.h"

namespace loop {

// The Uint8Arrays `array[from ..]`, without the first `offset` bytes of the first one and no more than `enough` bytes need, as
// Winsock takes them. False after it has thrown. Good until JavaScript runs again.
bool GatherBuffers(napi_env env, napi_value array, uint64_t from, uint64_t offset, size_t enough,
                   std::vector<WSABUF>* buffers);

}  // namespace loop
