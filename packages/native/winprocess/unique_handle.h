#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <utility>

namespace loop {

// Owns a handle of the system's. INVALID_HANDLE_VALUE, which some functions give for "none", is held as null.
class UniqueHandle {
 public:
  UniqueHandle() = default;
  explicit UniqueHandle(HANDLE handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  UniqueHandle(UniqueHandle&& other) noexcept : handle_(other.release()) {}
  UniqueHandle& operator=(UniqueHandle&& other) noexcept {
    Reset(other.release());
    return *this;
  }
  ~UniqueHandle() { Reset(nullptr); }

  HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  HANDLE release() { return std::exchange(handle_, nullptr); }
  void Reset(HANDLE handle) {
    if (handle_ != nullptr) CloseHandle(handle_);
    handle_ = handle;
  }

 private:
  HANDLE handle_ = nullptr;
};

}  // namespace loop
