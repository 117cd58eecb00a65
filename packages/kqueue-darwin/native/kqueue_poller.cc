#include "kqueue_poller.h"

#include <fcntl.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1000000000;

// Events of EVFILT_USER and EVFILT_TIMER have no descriptor, so these numbers meet no others.
constexpr uintptr_t kWakeIdent = 1;
constexpr uintptr_t kDevicesIdent = 2;
constexpr uintptr_t kTimerIdent = 3;

// What the kernel gives back: generation in the upper half, slot in the lower. Matching by the descriptor alone would
// hand an event to the next owner of the number.
uint64_t KeyOf(int32_t slot, int32_t generation) {
  return static_cast<uint64_t>(static_cast<uint32_t>(generation)) << 32 | static_cast<uint32_t>(slot);
}

// EV_SET is a macro that converts silently, and differently on each system.
struct kevent Change(uintptr_t ident, int16_t filter, uint16_t flags, uint32_t fflags, int64_t data, uint64_t key) {
  struct kevent change = {};
  change.ident = ident;
  change.filter = filter;
  change.flags = flags;
  change.fflags = fflags;
  change.data = static_cast<intptr_t>(data);
  change.udata = reinterpret_cast<void*>(static_cast<uintptr_t>(key));
  return change;
}

int Apply(int queue, const struct kevent& change) {
  return kevent(queue, &change, 1, nullptr, 0, nullptr) < 0 ? -errno : 0;
}

// XNU's kqueue does not tell that the last writer of a named FIFO has closed it; select(2) does. An anonymous pipe, whose
// end it does tell, is on no device. (Its links would not do: a FIFO may have been unlinked.)
bool IsNamedFifo(const struct stat& status) { return S_ISFIFO(status.st_mode) && status.st_dev != 0; }

}  // namespace

int KqueuePoller::Open() {
  queue_ = kqueue();
  if (queue_ < 0) return -errno;
  // A queue is not inherited by fork, but its number is by exec.
  if (fcntl(queue_, F_SETFD, FD_CLOEXEC) < 0) return -errno;
  for (const uintptr_t ident : {kWakeIdent, kDevicesIdent}) {
    const int error = Apply(queue_, Change(ident, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, 0));
    if (error != 0) return error;
  }
  return 0;
}

void KqueuePoller::Set(int fd, Known known) {
  if (known_.size() <= static_cast<size_t>(fd)) known_.resize(fd + 1);
  known_[fd] = known;
}

// One call for both filters. EV_RECEIPT answers each change with its error, and without taking events out of the queue;
// only such answers have EV_ERROR set, what happens to a descriptor later comes in fflags.
int KqueuePoller::Interest(int fd, uint64_t key, int32_t before, int32_t mask) {
  struct kevent changes[2], answers[2];
  int count = 0;
  for (const auto& [bit, filter] : {std::pair{kRead, EVFILT_READ}, std::pair{kWrite, EVFILT_WRITE}}) {
    if (mask & bit) {
      changes[count++] = Change(fd, filter, EV_ADD | EV_RECEIPT, 0, 0, key);
    } else if (before & bit) {
      changes[count++] = Change(fd, filter, EV_DELETE | EV_RECEIPT, 0, 0, 0);
    }
  }
  if (count == 0) return 0;
  const int answered = kevent(queue_, changes, count, answers, count, nullptr);
  if (answered < 0) return -errno;
  int error = 0;
  for (int index = 0; index < answered; index++) {
    const int reason = static_cast<int>(answers[index].data);
    // A filter that went with its descriptor is as good as deleted.
    const bool is_gone = (changes[index].flags & EV_DELETE) && (reason == ENOENT || reason == EBADF);
    if (reason != 0 && !is_gone) error = -reason;
  }
  if (error == 0) return 0;
  for (int index = 0; index < answered; index++) {
    const int32_t bit = changes[index].filter == EVFILT_READ ? kRead : kWrite;
    if (answers[index].data == 0 && (changes[index].flags & EV_ADD) && !(before & bit)) {
      Apply(queue_, Change(fd, changes[index].filter, EV_DELETE, 0, 0, 0));
    }
  }
  return error;
}

int KqueuePoller::AddToDevices(int fd, int32_t slot, int32_t generation, int32_t mask) {
  const int error = devices_.Add(fd, slot, generation, mask, [this] { Trigger(kDevicesIdent); });
  if (error == 0) Set(fd, {Watch::kDevice, 0});
  return error;
}

int KqueuePoller::Add(int fd, int32_t slot, int32_t generation, int32_t mask) {
  if (fd < 0 || is_closed_) return -EBADF;
  if (Of(fd).watch != Watch::kNone) return -EEXIST;
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  // kqueue has an idea of a file's readiness (it is not at its end), other mechanisms have none: a program shall not
  // depend on which of them it runs on.
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) return -EPERM;
  if (IsNamedFifo(status)) return AddToDevices(fd, slot, generation, mask);
  const int error = Interest(fd, KeyOf(slot, generation), 0, mask);
  // EINVAL: a device without a kqueue filter, /dev/tty among them. EPIPE: a pipe whose other end is closed already, which
  // is ready for whoever wants to learn so.
  if (error == -EINVAL || error == -EPIPE) return AddToDevices(fd, slot, generation, mask);
  if (error == 0) Set(fd, {Watch::kQueue, static_cast<uint8_t>(mask)});
  return error;
}

int KqueuePoller::Modify(int fd, int32_t slot, int32_t generation, int32_t mask) {
  if (is_closed_) return -EBADF;
  const Known known = Of(fd);
  if (known.watch == Watch::kNone) return -ENOENT;
  if (known.watch == Watch::kDevice) return devices_.Modify(fd, slot, generation, mask);
  const int error = Interest(fd, KeyOf(slot, generation), known.mask, mask);
  if (error == -EPIPE) {
    Interest(fd, 0, known.mask, 0);
    return AddToDevices(fd, slot, generation, mask);
  }
  if (error == 0) Set(fd, {Watch::kQueue, static_cast<uint8_t>(mask)});
  return error;
}

int KqueuePoller::Remove(int fd) {
  if (is_closed_) return -EBADF;
  const Known known = Of(fd);
  if (known.watch == Watch::kNone) return -ENOENT;
  Set(fd, Known());
  if (known.watch == Watch::kDevice) return devices_.Remove(fd);
  const int error = Interest(fd, 0, known.mask, 0);
  // Closed meanwhile: the kernel has forgotten it by itself.
  return error == -EBADF || error == -ENOENT ? 0 : error;
}

int KqueuePoller::Wait(int64_t timeout_ns, Event* events, int capacity) {
  const int refused = gate_.Enter();
  if (refused != 0) return refused;
  // A kevent that asks for nothing does not wait. With no room to report in it takes one, which stays ready: filters of
  // descriptors are level-triggered, and of a device the watcher keeps its own note.
  const int room = std::clamp(devices_.is_open() ? capacity - 1 : capacity, 1, kMaxEvents);
  struct kevent found[kMaxEvents];
  timespec limit;
  limit.tv_sec = static_cast<time_t>(timeout_ns / kNanosecondsPerSecond);
  limit.tv_nsec = static_cast<long>(timeout_ns % kNanosecondsPerSecond);
  int result = kevent(queue_, nullptr, 0, found, room, timeout_ns < 0 ? nullptr : &limit);
  result = result < 0 ? -errno : Report(found, result, events, capacity);
  if (gate_.Leave()) Release();
  return result;
}

int KqueuePoller::Report(const struct kevent* found, int found_count, Event* events, int capacity) {
  int count = 0;
  for (int index = 0; index < found_count; index++) {
    if (found[index].filter == EVFILT_TIMER) deadline_ns_ = -1;
    if (capacity == 0 || (found[index].filter != EVFILT_READ && found[index].filter != EVFILT_WRITE)) continue;
    const uint64_t key = reinterpret_cast<uintptr_t>(found[index].udata);
    const Event event = {static_cast<int32_t>(key), static_cast<int32_t>(key >> 32),
                         found[index].filter == EVFILT_READ ? kRead : kWrite};
    // The two filters of a descriptor report apart.
    Event* const same = std::find_if(events, events + count, [&](const Event& other) {
      return other.slot == event.slot && other.generation == event.generation;
    });
    if (same != events + count) {
      same->mask |= event.mask;
    } else {
      events[count++] = event;
    }
  }
  if (capacity == 0) return 0;
  const int ready = devices_.Collect(events + count, capacity - count);
  return ready < 0 ? count : count + ready;
}

void KqueuePoller::Trigger(uintptr_t ident) { Apply(queue_, Change(ident, EVFILT_USER, 0, NOTE_TRIGGER, 0, 0)); }

void KqueuePoller::Wake() {
  gate_.WhileOpen([this] { Trigger(kWakeIdent); });
}

int KqueuePoller::Arm(int64_t deadline_ns) {
  if (is_closed_) return -EBADF;
  if (deadline_ns_ == deadline_ns) return 0;
  if (deadline_ns < 0) {
    const int error = Apply(queue_, Change(kTimerIdent, EVFILT_TIMER, EV_DELETE, 0, 0, 0));
    // It has gone off.
    if (error != 0 && error != -ENOENT) return error;
  } else {
    // Relative, because an absolute one would be on the wall clock. Critical, because the system otherwise lets timers of
    // a process come together, milliseconds late.
    const int64_t left = std::max<int64_t>(deadline_ns - static_cast<int64_t>(uv_hrtime()), 1);
    const int error = Apply(queue_, Change(kTimerIdent, EVFILT_TIMER, EV_ADD | EV_ONESHOT,
                                           NOTE_NSECONDS | NOTE_CRITICAL, left, 0));
    if (error != 0) return error;
  }
  deadline_ns_ = deadline_ns;
  return 0;
}

void KqueuePoller::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  known_.clear();
  // Its thread triggers the queue, so it ends first.
  devices_.Close();
  if (gate_.Close([this] { Trigger(kWakeIdent); }) == WaitGate::Release::kNow) Release();
}

void KqueuePoller::Release() {
  if (queue_ >= 0) close(std::exchange(queue_, -1));
}

}  // namespace loop
