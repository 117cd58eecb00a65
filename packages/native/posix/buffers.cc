#include "posix/buffers.h"

#include <algorithm>

#include "common/arguments.h"

namespace loop {

namespace {

// How many elements are fetched before their sizes are looked at. Fetching is dear (it costs more than the copy of a
// small buffer), so a long queue is not fetched whole when its head fills the socket. Each round looks up the memory of
// all before it again, hence the growing steps.
constexpr uint32_t kFirstRound = 16;
constexpr uint32_t kRoundGrowth = 4;

}  // namespace

bool Buffers::Gather(napi_env env, napi_value array, uint32_t from, uint64_t offset, size_t enough) {
  uint32_t length;
  if (!ReadArrayLength(env, array, "buffers", &length)) return false;
  if (from > length) return ThrowRange(env, "from", "within the array");
  const uint32_t available = std::min(length - from, kMaxBuffers);
  overflow_ = length - from > kMaxBuffers;
  size_t total = 0;
  for (uint32_t round = kFirstRound; count_ < available && total < enough; round *= kRoundGrowth) {
    const uint32_t upto = std::min(available, count_ + round);
    if (!Fetch(env, array, from, upto) || !Locate(env, offset, &total)) return false;
  }
  return count_ > 0 || offset == 0 || ThrowRange(env, "offset", "0 when there are no buffers");
}

bool Buffers::Fetch(napi_env env, napi_value array, uint32_t from, uint32_t count) {
  for (; count_ < count; count_++) {
    if (napi_get_element(env, array, from + count_, &values_[count_]) != napi_ok) return false;
  }
  return true;
}

bool Buffers::Locate(napi_env env, uint64_t offset, size_t* total) {
  *total = 0;
  for (uint32_t index = 0; index < count_; index++) {
    Bytes bytes;
    if (!ReadBytes(env, values_[index], "buffers", &bytes)) return false;
    if (index == 0) {
      if (offset > bytes.size) return ThrowRange(env, "offset", "within the first buffer");
      bytes.data += offset;
      bytes.size -= offset;
    }
    vectors_[index] = {bytes.data, bytes.size};
    *total += bytes.size;
  }
  return true;
}

}  // namespace loop
