#pragma once

#include <poll.h>

#include <vector>

#include "common/scanning_poller.h"

namespace loop {

// poll(2): any descriptor number, at a cost that grows with the number of descriptors.
class PollPoller final : public ScanningPoller {
 public:
  ~PollPoller() override { Close(); }

 private:
  int Accepts(int fd, size_t count) const override;
  int Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) override;
  Finding At(size_t index) const override;
  bool IsWoken() const override { return entries_[0].revents != 0; }

  // The wake pipe, then `watched` in its order.
  std::vector<pollfd> entries_;
  const std::vector<Registration>* watched_ = nullptr;
};

}  // namespace loop
