#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "afd/afd.h"
#include "common/poller.h"
#include "common/wait_gate.h"
#include "completion_port/packet_queue.h"

namespace loop {

// Readiness of any number of sockets, by polls of the driver behind Winsock that come back through a completion port. A poll
// ends once: each that has told something is begun anew by the next wait, so that it tells as long as the socket is ready.
class AfdPoller final : public Poller {
 public:
  ~AfdPoller() override { Close(); }

  // 0, or -errno.
  int Open();

  int Add(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Modify(int fd, int32_t slot, int32_t generation, int32_t mask) override;
  int Remove(int fd) override;
  int Wait(int64_t timeout_ns, Event* events, int capacity) override;
  void Wake() override { queue_.Wake(); }
  int Fd() const override { return -1; }
  int Arm(int64_t) override;
  void Close() override;

 private:
  // The system writes into it until its packet was taken, also when nobody waits for it any more.
  struct Poll {
    OVERLAPPED overlapped;
    AfdPollInfo info;
    // Whose it is; -1 once it is nobody's.
    int fd;
  };

  struct Watch {
    int32_t slot;
    int32_t generation;
    int32_t mask;
    // Under way; null where it has told something, or nothing is asked for.
    Poll* poll;
  };

  // Begins a poll for it; 0, or -errno.
  int Begin(int fd, Watch* watch);
  // Lets go of its poll, which comes back to nobody.
  void Abandon(Watch* watch);
  // Begins those anew that have told something.
  void BeginAgain();
  // What a packet says: true for an event.
  bool Read(const OVERLAPPED_ENTRY& packet, Event* event);
  void Release();
  static SOCKET SocketOf(int fd) { return static_cast<SOCKET>(static_cast<unsigned int>(fd)); }

  // Guards what the loop's thread changes while another thread waits.
  std::mutex mutex_;
  PacketQueue queue_;
  HANDLE afd_ = nullptr;
  std::unordered_map<int, Watch> watches_;
  std::vector<int> told_;
  size_t under_way_ = 0;
  bool is_closed_ = false;
  WaitGate gate_;
};

}  // namespace loop
