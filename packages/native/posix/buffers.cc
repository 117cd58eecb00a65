#include "posix/buffers.h"

#include "common/arguments.h"

namespace loop {

bool Buffers::Fetch(napi_env env, napi_value array, uint32_t from, size_t enough) {
  uint32_t length;
  if (!ReadArrayLength(env, array, "buffers", &length)) return false;
  if (from > length) return ThrowRange(env, "from", "within the array");
  overflow_ = length - from > kMaxBuffers;
  size_t total = 0;
  for (uint32_t index = from; index < length && count_ < kMaxBuffers && total < enough; index++) {
    napi_value value;
    Bytes bytes;
    if (napi_get_element(env, array, index, &value) != napi_ok) return false;
    if (!ReadBytes(env, value, "buffers", &bytes)) return false;
    total += bytes.size;
    values_[count_++] = value;
  }
  return true;
}

bool Buffers::Locate(napi_env env, uint64_t offset) {
  for (uint32_t index = 0; index < count_; index++) {
    Bytes bytes;
    if (!ReadBytes(env, values_[index], "buffers", &bytes)) return false;
    if (index == 0) {
      if (offset > bytes.size) return ThrowRange(env, "offset", "within the first buffer");
      bytes.data += offset;
      bytes.size -= offset;
    }
    vectors_[index] = {bytes.data, bytes.size};
  }
  return count_ > 0 || offset == 0 || ThrowRange(env, "offset", "0 when there are no buffers");
}

}  // namespace loop
