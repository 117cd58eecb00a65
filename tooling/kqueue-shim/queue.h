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

  // Before anything else: makes what triggers and timers need. 0; or -errno.
  int Open();
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
  int Start(Knote* knote, const struct kevent& change);
  int StartTimer(Knote* knote, const struct kevent& change);
  int SetTimer(const Knote& knote, const struct kevent& change);
  void Trigger(Knote* knote);
  void CloseSource(const Knote& knote);
  // Makes epoll watch what the enabled knotes of `fd` ask for.
  int Watch(int fd);
  bool Report(Knote* knote, uint32_t happened, struct kevent* event);
  void AfterReport(const Key& key);

  const int epoll_;
  // Filters take no descriptors on XNU. A program that counts its own while it runs shall not see these two come and go.
  // Readable while an EVFILT_USER knote is triggered.
  int user_ = -1;
  // Of the first timer; those beside it have a timerfd each.
  int timer_ = -1;
  bool is_timer_used_ = false;
  std::map<Key, Knote> knotes_;
  // What epoll watches of a descriptor now.
  std::map<int, uint32_t> watched_;
  std::mutex mutex_;
};

}  // namespace kqueue_shim
