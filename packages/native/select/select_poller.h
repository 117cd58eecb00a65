#pragma once

#include <unordered_map>
#include <vector>

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include "common/scanning_poller.h"

namespace loop {

// select() of Winsock: 512 sockets, as Python has it there; -EMFILE for more.
class SelectPoller final : public ScanningPoller {
 public:
  ~SelectPoller() override { Close(); }

 private:
  static constexpr size_t kMaxSockets = 512;

  // As Winsock's fd_set, which says itself how long it is; with room for the socket that wakes.
  struct Set {
    u_int count;
    SOCKET sockets[kMaxSockets + 1];

    void Add(SOCKET socket) { sockets[count++] = socket; }
    fd_set* get() { return count > 0 ? reinterpret_cast<fd_set*>(this) : nullptr; }
  };

  int Accepts(int fd, size_t count) const override;
  // A socket that is closed while another thread asks about it may leave that thread waiting for ever.
  bool HoldsDescriptors() const override { return true; }
  int Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) override;
  Finding At(size_t index) const override { return findings_[index]; }
  bool IsWoken() const override { return is_woken_; }
  void Note(const Set& set, int32_t mask);
  int FindClosed(const std::vector<Registration>& watched);

  std::vector<Finding> findings_;
  std::unordered_map<SOCKET, size_t> places_;
  bool is_woken_ = false;
};

}  // namespace loop
