#pragma once

#include <node_api.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace loop {

// IOV_MAX of Linux and macOS alike.
constexpr uint32_t kMaxBuffers = 1024;

// The Uint8Arrays of a JavaScript array as a vector for the kernel.
class Buffers {
 public:
  // Takes `array[from ..]` without the first `offset` bytes of the first buffer: at most kMaxBuffers of them, and no
  // more than it needs for `enough` bytes. False after it has thrown. Elements can be getters, so JavaScript may run;
  // the memory is looked up after the last of them.
  bool Gather(napi_env env, napi_value array, uint32_t from, uint64_t offset, size_t enough);

  uint32_t count() const { return count_; }
  // Whether the array has more buffers than one call takes.
  bool overflow() const { return overflow_; }
  iovec* vectors() { return vectors_; }

 private:
  bool Fetch(napi_env env, napi_value array, uint32_t from, uint32_t count);
  bool Locate(napi_env env, uint64_t offset, size_t* total);

  uint32_t count_ = 0;
  bool overflow_ = false;
  napi_value values_[kMaxBuffers];
  iovec vectors_[kMaxBuffers];
};

}  // namespace loop
