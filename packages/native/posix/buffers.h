#pragma once

#include <node_api.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace loop {

// IOV_MAX of Linux and macOS alike.
constexpr uint32_t kMaxBuffers = 1024;

// The Uint8Arrays of a JavaScript array as a vector for the kernel, in two steps, because an element can be a getter:
// all elements are fetched first, and their memory is looked up when no JavaScript can run any more.
class Buffers {
 public:
  // Fetches `array[from ..]`, at most kMaxBuffers of them, and stops early once they hold `enough` bytes.
  bool Fetch(napi_env env, napi_value array, uint32_t from, size_t enough);
  // Looks up the memory, leaving out the first `offset` bytes of the first buffer.
  bool Locate(napi_env env, uint64_t offset);

  uint32_t count() const { return count_; }
  // Whether the array had more buffers than one call takes.
  bool overflow() const { return overflow_; }
  iovec* vectors() { return vectors_; }

 private:
  uint32_t count_ = 0;
  bool overflow_ = false;
  napi_value values_[kMaxBuffers];
  iovec vectors_[kMaxBuffers];
};

}  // namespace loop
