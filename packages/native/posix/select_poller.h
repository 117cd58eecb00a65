#pragma once

#include <sys/select.h>

#include <vector>

#include "common/scanning_poller.h"

namespace loop {

// select(2): descriptors below FD_SETSIZE (1024) only; -EMFILE for others.
class SelectPoller final : public ScanningPoller {
 public:
  ~SelectPoller() override { Close(); }

 private:
  int Accepts(int fd, size_t count) const override;
  int Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) override;
  Finding At(size_t index) const override { return findings_[index]; }
  bool IsWoken() const override { return is_woken_; }
  int FindClosed(const std::vector<Registration>& watched);

  std::vector<Finding> findings_;
  bool is_woken_ = false;
};

}  // namespace loop
