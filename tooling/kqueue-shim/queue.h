#pragma once

#include <sys/event.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "knote.h"

namespace kqueue_shim {

// A kqueue over an epoll set, whose descriptor is the queue's: it polls readable when there is something to report.
class Queue {
 public:
  // Takes over the epoll descriptor but does not close it: its number is the program's.
  explicit Queue(int epoll) : epoll_(epoll) {}
  ~Queue();

  // 0; or -errno. Without a result of its own event to report.
  int Apply(const struct kevent& change);
  // What is ready, without waiting.
  int Collect(struct kevent* events, int capacity);
  // A descriptor of the program was closed: XNU drops its knotes.
  void Forget(int fd);

  int epoll() const { return epoll_; }
  std::mutex& mutex() { return mutex_; }

 private:
  using Key = std::pair<int16_t, uintptr_t>;

  int Add(const struct kevent& change);
  int Delete(const Key& key);
  int Open(Knote* knote, const struct kevent& change);
  int SetTimer(const Knote& knote, const struct kevent& change);
  int Trigger(Knote* knote);
  // Makes epoll watch what the enabled knotes of `fd` ask for.
  int Watch(int fd);
  bool Report(Knote* knote, uint32_t happened, struct kevent* event);
  void AfterReport(const Key& key);

  const int epoll_;
  // Readable while an EVFILT_USER knote is triggered; made with the first of them.
  int user_ = -1;
  std::map<Key, Knote> knotes_;
  // What epoll watches of a descriptor now.
  std::map<int, uint32_t> watched_;
  std::mutex mutex_;
};

}  // namespace kqueue_shim
