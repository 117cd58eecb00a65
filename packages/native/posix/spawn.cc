// Starts children on a thread of their own, so that the loop does not wait for them: until a child has become its program
// it may have to wait for a processor, a disk or a network's file system, and its parent's thread sleeps with it.
//
// There is one such thread for the process and it lives as long: a child may have asked to be told of its parent's death
// (PR_SET_PDEATHSIG), and the kernel takes for its parent the thread that started it.

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "common/arguments.h"
#include "posix/descriptor.h"
#include "posix/detached_thread.h"
#include "posix/process.h"
#include "posix/spawn_order.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace loop {

namespace {

// What is sent back to the loop.
struct Birth {
  // The process id or -errno.
  int result;
  Call failed;
};

class Job {
 public:
  Job(std::unique_ptr<SpawnOrder> order, int answer) : order_(std::move(order)), answer_(answer) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job() { close(answer_); }

  void Do() {
    Birth outcome;
    outcome.result = order_->Start(&outcome.failed);
    // The loop should find everything closed that was held for the child.
    order_.reset();
    const ssize_t sent = Retry([&] { return send(answer_, &outcome, sizeof outcome, MSG_NOSIGNAL); });
    if (sent > 0 || outcome.result < 0) return;
    // Nobody wants it any more.
    kill(outcome.result, SIGKILL);
    ReapInThread(outcome.result);
  }

 private:
  std::unique_ptr<SpawnOrder> order_;
  // A socket to the loop.
  int answer_;
};

class Spawner {
 public:
  // The process's only one; never destroyed, because its thread is never ended.
  static Spawner& Get() {
    static Spawner* const spawner = new Spawner;
    return *spawner;
  }

  // 0 or -errno.
  int Submit(std::unique_ptr<Job> job) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!is_running_) {
      const int error = StartDetached(Main, this);
      if (error != 0) return error;
      is_running_ = true;
    }
    jobs_.push_back(std::move(job));
    changed_.notify_one();
    return 0;
  }

 private:
  static void* Main(void* spawner) {
    for (;;) static_cast<Spawner*>(spawner)->Next()->Do();
  }

  std::unique_ptr<Job> Next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !jobs_.empty(); });
    std::unique_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> jobs_;
  bool is_running_ = false;
};

// The descriptor on which the outcome arrives, or -errno.
int StartSpawning(std::unique_ptr<SpawnOrder> order) {
  const int error = order->Hold();
  if (error != 0) return error;
  int pair[2];
  if (OpenSocketPair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return -errno;
  const int refused = Spawner::Get().Submit(std::make_unique<Job>(std::move(order), pair[1]));
  if (refused == 0) return pair[0];
  close(pair[0]);
  return refused;
}

napi_value Spawn(napi_env env, napi_callback_info info) {
  Arguments<1> args(env, info);
  auto order = std::make_unique<SpawnOrder>();
  if (!order->Read(env, args[0])) return nullptr;
  return Number(env, StartSpawning(std::move(order)));
}

napi_value Spawned(napi_env env, napi_callback_info info) {
  Arguments<2> args(env, info);
  int fd;
  if (!args.Descriptor(0, &fd)) return nullptr;
  Birth outcome;
  const ssize_t size = Retry([&] { return recv(fd, &outcome, sizeof outcome, 0); });
  if (size < 0) return Outcome(env, -1);
  if (size != sizeof outcome) return Number(env, -EPROTO);
  if (outcome.result < 0) {
    napi_value name;
    if (napi_create_string_utf8(env, CallName(outcome.failed), NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_set_named_property(env, args[1], "syscall", name) != napi_ok) {
      bool is_pending = false;
      napi_is_exception_pending(env, &is_pending);
      if (!is_pending) ThrowType(env, "failure", "an object");
      return nullptr;
    }
  }
  return Number(env, outcome.result);
}

}  // namespace

bool DefineSpawn(napi_env env, napi_value processes) {
  const Function functions[] = {{"spawn", Spawn}, {"spawned", Spawned}};
  return DefineFunctions(env, processes, functions);
}

}  // namespace loop
