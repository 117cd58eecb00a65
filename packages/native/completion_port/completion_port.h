#pragma once

#include <atomic>
#include <memory>
#include <unordered_set>
#include <vector>

#include "common/wait_gate.h"
#include "common/waitable.h"
#include "completion_port/operation.h"
#include "completion_port/packet_queue.h"

namespace loop {

// A completion for JavaScript; COMPLETION_* of contract.ts.
struct Completion {
  int32_t slot;
  int32_t generation;
  int32_t result;
};

constexpr int kMaxCompletions = 64;

// contract.ts: the operation goes on.
constexpr int32_t kPending = INT32_MIN;

// A buffer of JavaScript's, good until JavaScript runs again.
struct Chunk {
  const uint8_t* data;
  size_t size;
};

// An I/O completion port, and the operations that come back through it. Operations are begun, and collected, on the thread of
// their loop; any thread may wait for them, and what it takes out of the port meanwhile is kept for the loop.
class CompletionPort : public Waitable {
 public:
  // 0, or -errno.
  int Open();
  ~CompletionPort() override { Close(); }

  int Wait(int64_t timeout_ns, Event* events, int capacity) override;
  void Wake() override;

  // Waits up to `timeout_ns` and writes at most kMaxCompletions; how many, or -errno.
  int Collect(int64_t timeout_ns, Completion* completions);

  // Cancels what is under way, waits until the system has let go of it, and frees everything. Nobody may be waiting.
  void Close();

  // Binds a handle to this port for good: 0, or -EINVAL where it belongs to another.
  int Associate(HANDLE handle);

  // Each gives kPending, the result, or -errno.
  int32_t Receive(SOCKET socket, int32_t slot, int32_t generation, uint32_t size);
  int32_t Send(SOCKET socket, int32_t slot, int32_t generation, const std::vector<Chunk>& chunks);
  int32_t Accept(SOCKET socket, int32_t slot, int32_t generation, int family);
  int32_t Connect(SOCKET socket, int32_t slot, int32_t generation, Chunk address);
  int32_t Transmit(SOCKET socket, int32_t slot, int32_t generation, HANDLE file, uint64_t offset, uint32_t size);
  int32_t Read(HANDLE handle, int32_t slot, int32_t generation, uint32_t size);
  int32_t Write(HANDLE handle, int32_t slot, int32_t generation, const std::vector<Chunk>& chunks);
  int32_t ConnectPipe(HANDLE handle, int32_t slot, int32_t generation);
  // `events`: kRead, kWrite of poller.h.
  int32_t Poll(SOCKET socket, int32_t slot, int32_t generation, int32_t events);
  int32_t WaitForHandle(HANDLE handle, int32_t slot, int32_t generation);

  int Cancel(int32_t slot, int32_t generation);

  // What a finished operation brought, or null.
  const Operation* Brought(int32_t slot) const;
  // It was taken.
  void LetGo(int32_t slot);

 private:
  // The slot's operation, made ready; null where the slot is in use.
  Operation* Prepare(Operation::Kind kind, HANDLE handle, int32_t slot, int32_t generation, uint32_t size = 0);
  // Copies `chunks` into its memory.
  static void Fill(Operation* operation, const std::vector<Chunk>& chunks);
  // The system has taken it, or not: what its call gave, and the error where it failed.
  int32_t Begun(Operation* operation, bool is_done, uint32_t error);
  // The system has let go of it: its result.
  int32_t Finish(Operation* operation, uint32_t transferred);
  int32_t ResultOf(Operation* operation, uint32_t transferred);
  int32_t FinishAccept(Operation* operation, int32_t error);
  static int32_t PollResult(const Operation& operation, int32_t error);
  static void CALLBACK Signalled(void* operation, BOOLEAN is_timeout);
  static void CancelWait(Operation* operation);

  void CancelAll();

  PacketQueue queue_;
  HANDLE afd_ = nullptr;
  WaitGate gate_;
  // By slot; they stay where they are for as long as the port lives.
  std::vector<std::unique_ptr<Operation>> operations_;
  std::unordered_set<HANDLE> associated_;
  int pending_ = 0;
};

}  // namespace loop
