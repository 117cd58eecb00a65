#include "queue.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "descriptor_filter.h"

// The wrapped one would look for the descriptor in every queue, this one too.
extern "C" int __real_close(int fd);

namespace kqueue_shim {

namespace {

constexpr int kBatch = 64;
constexpr uint16_t kKept = EV_CLEAR | EV_ONESHOT | EV_DISPATCH;

bool IsDescriptorFilter(int16_t filter) { return filter == EVFILT_READ || filter == EVFILT_WRITE; }

int Control(int epoll, int operation, int fd, uint32_t events, const Tag& tag) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = tag.Packed();
  return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int64_t NanosecondsOf(const struct kevent& timer) {
  if (timer.fflags & NOTE_NSECONDS) return timer.data;
  if (timer.fflags & NOTE_USECONDS) return timer.data * 1000;
  if (timer.fflags & NOTE_SECONDS) return timer.data * 1000000000;
  return timer.data * 1000000;
}

// XNU has no filter for a process that has ended already, even while it waits to be reaped.
int OpenProcess(pid_t process) {
  siginfo_t info = {};
  if (waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process) {
    return -ESRCH;
  }
  const long fd = syscall(SYS_pidfd_open, process, 0);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

}  // namespace

Queue::~Queue() {
  for (auto& [key, knote] : knotes_) CloseSource(knote);
  for (const int fd : {user_, timer_}) {
    if (fd >= 0) __real_close(fd);
  }
}

int Queue::Open() {
  user_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (user_ < 0 || timer_ < 0) return -errno;
  return Control(epoll_, EPOLL_CTL_ADD, user_, EPOLLIN, {EVFILT_USER, 0});
}

void Queue::CloseSource(const Knote& knote) {
  if (knote.source < 0) return;
  if (knote.source != timer_) {
    __real_close(knote.source);
    return;
  }
  epoll_ctl(epoll_, EPOLL_CTL_DEL, timer_, nullptr);
  is_timer_used_ = false;
}

int Queue::Apply(const struct kevent& change) {
  const Key key = {change.filter, change.ident};
  if (change.flags & EV_ADD) return Add(change);
  const auto found = knotes_.find(key);
  if (found == knotes_.end()) return -ENOENT;
  if (change.flags & EV_DELETE) return Delete(key);
  if (change.flags & (EV_ENABLE | EV_DISABLE)) found->second.is_enabled = (change.flags & EV_ENABLE) != 0;
  if (change.filter == EVFILT_USER && (change.fflags & NOTE_TRIGGER)) Trigger(&found->second);
  return IsDescriptorFilter(change.filter) ? Watch(static_cast<int>(change.ident)) : 0;
}

int Queue::Add(const struct kevent& change) {
  if (IsDescriptorFilter(change.filter)) {
    // Edge triggering for descriptors is not made up here: the backend does not use it.
    if (change.flags & EV_CLEAR) return -EINVAL;
    const int error = CheckDescriptor(static_cast<int>(change.ident), change.filter);
    if (error != 0) return -error;
  }
  const Key key = {change.filter, change.ident};
  const bool is_new = knotes_.count(key) == 0;
  Knote& knote = knotes_[key];
  knote.ident = change.ident;
  knote.filter = change.filter;
  knote.flags = change.flags & kKept;
  knote.fflags = change.fflags;
  knote.udata = change.udata;
  knote.is_enabled = !(change.flags & EV_DISABLE);
  const int error = Start(&knote, change);
  if (error != 0 && is_new) {
    CloseSource(knote);
    knotes_.erase(key);
  }
  return error;
}

int Queue::Start(Knote* knote, const struct kevent& change) {
  switch (knote->filter) {
    case EVFILT_READ:
    case EVFILT_WRITE:
      return Watch(static_cast<int>(knote->ident));
    case EVFILT_USER:
      if (change.fflags & NOTE_TRIGGER) Trigger(knote);
      return 0;
    case EVFILT_TIMER:
      return StartTimer(knote, change);
    case EVFILT_PROC: {
      const int source = OpenProcess(static_cast<pid_t>(knote->ident));
      if (source < 0) return source;
      if (knote->source >= 0) __real_close(knote->source);
      knote->source = source;
      return Control(epoll_, EPOLL_CTL_ADD, source, EPOLLIN, {EVFILT_PROC, static_cast<uint32_t>(knote->ident)});
    }
    default:
      return -EINVAL;
  }
}

int Queue::StartTimer(Knote* knote, const struct kevent& change) {
  const bool is_new = knote->source < 0;
  if (is_new) {
    knote->source = is_timer_used_ ? timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC) : timer_;
    if (knote->source < 0) return -errno;
    if (knote->source == timer_) is_timer_used_ = true;
  }
  const int error = SetTimer(*knote, change);
  if (error != 0 || !is_new) return error;
  return Control(epoll_, EPOLL_CTL_ADD, knote->source, EPOLLIN, {EVFILT_TIMER, static_cast<uint32_t>(knote->ident)});
}

int Queue::SetTimer(const Knote& knote, const struct kevent& change) {
  const int64_t period = NanosecondsOf(change) > 0 ? NanosecondsOf(change) : 1;
  itimerspec at = {};
  at.it_value = {period / 1000000000, static_cast<long>(period % 1000000000)};
  if (!(knote.flags & EV_ONESHOT)) at.it_interval = at.it_value;
  return timerfd_settime(knote.source, 0, &at, nullptr) < 0 ? -errno : 0;
}

void Queue::Trigger(Knote* knote) {
  knote->is_triggered = true;
  eventfd_write(user_, 1);
}

int Queue::Delete(const Key& key) {
  const auto found = knotes_.find(key);
  if (found == knotes_.end()) return -ENOENT;
  CloseSource(found->second);
  knotes_.erase(found);
  return IsDescriptorFilter(key.first) ? Watch(static_cast<int>(key.second)) : 0;
}

int Queue::Watch(int fd) {
  uint32_t wanted = 0;
  for (const auto& [filter, events] : {std::pair<int16_t, uint32_t>{EVFILT_READ, EPOLLIN | EPOLLRDHUP},
                                       std::pair<int16_t, uint32_t>{EVFILT_WRITE, EPOLLOUT}}) {
    const auto found = knotes_.find({filter, static_cast<uintptr_t>(fd)});
    if (found != knotes_.end() && found->second.is_enabled) wanted |= events;
  }
  const auto watched = watched_.find(fd);
  const uint32_t before = watched == watched_.end() ? 0 : watched->second;
  const Tag tag = {EVFILT_READ, static_cast<uint32_t>(fd)};
  int error = 0;
  if (wanted == 0) {
    if (before != 0) error = Control(epoll_, EPOLL_CTL_DEL, fd, 0, tag);
  } else {
    error = Control(epoll_, before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, wanted, tag);
    // The descriptor that epoll knew was closed, and the number is another's now; or nobody told us of a close.
    if (error == -ENOENT) error = Control(epoll_, EPOLL_CTL_ADD, fd, wanted, tag);
    if (error == -EEXIST) error = Control(epoll_, EPOLL_CTL_MOD, fd, wanted, tag);
  }
  if (wanted == 0 || error != 0) {
    watched_.erase(fd);
  } else {
    watched_[fd] = wanted;
  }
  return wanted == 0 ? 0 : error;
}

void Queue::Forget(int fd) {
  for (const int16_t filter : {EVFILT_READ, EVFILT_WRITE}) knotes_.erase({filter, static_cast<uintptr_t>(fd)});
  Watch(fd);
}

int Queue::Collect(struct kevent* events, int capacity) {
  epoll_event ready[kBatch];
  const int found = epoll_wait(epoll_, ready, kBatch, 0);
  if (found < 0) return errno == EINTR ? 0 : -errno;
  int count = 0;
  for (int index = 0; index < found && count < capacity; index++) {
    const Tag tag = Tag::From(ready[index].data.u64);
    if (tag.filter == EVFILT_USER) {
      // Set again below for those that do not fit.
      eventfd_t times;
      eventfd_read(user_, &times);
      for (auto next = knotes_.begin(); next != knotes_.end();) {
        const auto current = next++;
        Knote& knote = current->second;
        if (!knote.is_triggered || !knote.is_enabled) continue;
        if (count == capacity) {
          eventfd_write(user_, 1);
          break;
        }
        const Key key = current->first;
        if (Report(&knote, 0, &events[count])) count++;
        AfterReport(key);
      }
      continue;
    }
    for (const int16_t filter : {tag.filter, static_cast<int16_t>(EVFILT_WRITE)}) {
      if (count == capacity || (filter != tag.filter && !IsDescriptorFilter(tag.filter))) break;
      const Key key = {filter, tag.ident};
      const auto knote = knotes_.find(key);
      if (knote == knotes_.end() || !knote->second.is_enabled) continue;
      if (!Report(&knote->second, ready[index].events, &events[count])) continue;
      count++;
      AfterReport(key);
    }
  }
  return count;
}

bool Queue::Report(Knote* knote, uint32_t happened, struct kevent* event) {
  *event = {knote->ident, knote->filter, knote->flags, 0, 0, knote->udata};
  uint64_t times = 0;
  switch (knote->filter) {
    case EVFILT_READ:
    case EVFILT_WRITE: {
      const uint32_t ours = knote->filter == EVFILT_READ ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
      if (!(happened & (ours | EPOLLHUP | EPOLLERR))) return false;
      if (Describe(static_cast<int>(knote->ident), happened, event)) return true;
      // Nothing will ever be told of it, but epoll would tell again and again.
      epoll_ctl(epoll_, EPOLL_CTL_DEL, static_cast<int>(knote->ident), nullptr);
      watched_.erase(static_cast<int>(knote->ident));
      return false;
    }
    case EVFILT_USER:
      if (knote->flags & EV_CLEAR) knote->is_triggered = false;
      return true;
    case EVFILT_TIMER:
      if (read(knote->source, &times, sizeof times) < 0) return false;
      event->data = static_cast<intptr_t>(times);
      return true;
    case EVFILT_PROC:
      event->flags |= EV_EOF | EV_ONESHOT;
      event->fflags = NOTE_EXIT;
      knote->flags |= EV_ONESHOT;
      return true;
    default:
      return false;
  }
}

void Queue::AfterReport(const Key& key) {
  const auto found = knotes_.find(key);
  if (found == knotes_.end()) return;
  if (found->second.flags & EV_ONESHOT) {
    Delete(key);
  } else if (found->second.flags & EV_DISPATCH) {
    found->second.is_enabled = false;
    if (IsDescriptorFilter(key.first)) Watch(static_cast<int>(key.second));
  }
}

}  // namespace kqueue_shim
