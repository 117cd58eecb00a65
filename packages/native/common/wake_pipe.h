#pragma once

namespace loop {

// A pipe to oneself (a pair of sockets on Windows), which ends a poll(2) or select(2) from another thread: neither has anything of its own for that.
class WakePipe {
 public:
  ~WakePipe() { Close(); }

  // 0 or -errno.
  int Open();
  void Close();
  // The end to watch for readability; -1 when closed.
  int fd() const { return pair_[0]; }
  void Signal();
  void Drain();

 private:
  int pair_[2] = {-1, -1};
};

}  // namespace loop
