#include "winsock/buffers.h"

#include <algorithm>

namespace loop {

bool GatherBuffers(napi_env env, napi_value array, uint64_t from, uint64_t offset, size_t enough,
                   std::vector<WSABUF>* buffers) {
  uint32_t length;
  if (!ReadArrayLength(env, array, "buffers", &length)) return false;
  if (from > length) return ThrowRange(env, "from", "within the array");
  // Elements can be getters, so JavaScript may run: the memory is looked up after the last of them.
  std::vector<napi_value> values;
  size_t total = 0;
  for (uint32_t index = static_cast<uint32_t>(from); index < length && total < enough; index++) {
    napi_value value;
    Bytes bytes;
    if (napi_get_element(env, array, index, &value) != napi_ok || !ReadBytes(env, value, "buffers", &bytes)) return false;
    values.push_back(value);
    total += index == from ? bytes.size - std::min<size_t>(bytes.size, offset) : bytes.size;
  }
  for (napi_value value : values) {
    Bytes bytes;
    if (!ReadBytes(env, value, "buffers", &bytes)) return false;
    const size_t skipped = buffers->empty() ? static_cast<size_t>(offset) : 0;
    if (skipped > bytes.size) return ThrowRange(env, "offset", "within the first buffer");
    buffers->push_back({static_cast<ULONG>(bytes.size - skipped), reinterpret_cast<char*>(bytes.data + skipped)});
  }
  return !buffers->empty() || offset == 0 || ThrowRange(env, "offset", "0 when there are no buffers");
}

}  // namespace loop
