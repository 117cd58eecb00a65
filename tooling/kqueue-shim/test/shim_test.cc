// What the stand-in must have in common with XNU's kqueue, as kqueue(2) and its sources say it.
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

int passed = 0;
int failed = 0;

void Check(bool holds, const char* what) {
  if (holds) {
    passed++;
  } else {
    failed++;
    printf("FAILED: %s (errno %d)\n", what, errno);
  }
}

constexpr timespec kNow = {0, 0};
constexpr timespec kLong = {5, 0};

struct kevent Change(uintptr_t ident, int16_t filter, uint16_t flags, uint32_t fflags = 0, intptr_t data = 0) {
  return {ident, filter, flags, fflags, data, reinterpret_cast<void*>(ident + 1000)};
}

int Apply(int queue, const struct kevent& change) { return kevent(queue, &change, 1, nullptr, 0, nullptr); }

// The number of events at once, the first of them in `event`.
int Take(int queue, struct kevent* event, const timespec* timeout = &kNow) {
  struct kevent events[8];
  const int count = kevent(queue, nullptr, 0, events, 8, timeout);
  if (count > 0) *event = events[0];
  return count;
}

void Descriptors(int queue) {
  int pair[2];
  struct kevent event;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  Check(Apply(queue, Change(pair[0], EVFILT_READ, EV_ADD)) == 0, "EV_ADD of a socket");
  Check(Take(queue, &event) == 0, "a quiet socket is not readable");
  Check(write(pair[1], "abc", 3) == 3 && Take(queue, &event) == 1, "data makes it readable");
  Check(event.filter == EVFILT_READ && event.ident == static_cast<uintptr_t>(pair[0]) && event.data == 3,
        "the event names filter, descriptor and bytes");
  Check(event.udata == reinterpret_cast<void*>(pair[0] + 1000), "udata comes back");
  Check(Take(queue, &event) == 1, "level-triggered: it is told again");
  Check(Apply(queue, Change(pair[0], EVFILT_WRITE, EV_ADD)) == 0 && Take(queue, &event) == 2,
        "two filters of a descriptor give two events");
  Check(Apply(queue, Change(pair[0], EVFILT_WRITE, EV_DISABLE)) == 0 && Take(queue, &event) == 1, "EV_DISABLE");
  Check(Apply(queue, Change(pair[0], EVFILT_WRITE, EV_DELETE)) == 0, "EV_DELETE");
  Check(Apply(queue, Change(pair[0], EVFILT_WRITE, EV_DELETE)) < 0 && errno == ENOENT, "EV_DELETE twice is ENOENT");
  close(pair[1]);
  Check(Take(queue, &event) == 1 && (event.flags & EV_EOF) && event.data == 3, "EV_EOF comes with the data pending");
  Check(Apply(queue, Change(pair[0], EVFILT_READ, EV_ADD | EV_ONESHOT)) == 0 && Take(queue, &event) == 1 &&
            Take(queue, &event) == 0,
        "EV_ONESHOT is told once");
  Apply(queue, Change(pair[0], EVFILT_READ, EV_ADD));
  close(pair[0]);
  Check(Take(queue, &event) == 0, "closing a descriptor drops its knotes");
  Check(Apply(queue, Change(pair[0], EVFILT_READ, EV_DELETE)) < 0 && errno == ENOENT, "and they are gone");
  Check(Apply(queue, Change(pair[0], EVFILT_READ, EV_ADD)) < 0 && errno == EBADF, "a closed descriptor is EBADF");
}

void Receipts(int queue) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  struct kevent changes[2] = {Change(pair[0], EVFILT_READ, EV_ADD | EV_RECEIPT),
                              Change(pair[0], EVFILT_WRITE, EV_DELETE | EV_RECEIPT)};
  struct kevent answers[2];
  Check(kevent(queue, changes, 2, answers, 2, nullptr) == 2, "EV_RECEIPT answers each change");
  Check((answers[0].flags & EV_ERROR) && answers[0].data == 0, "with 0 for success");
  Check((answers[1].flags & EV_ERROR) && answers[1].data == ENOENT, "with the error for failure");
  close(pair[0]);
  close(pair[1]);
}

void Pipes(int queue) {
  int ends[2];
  struct kevent event;
  struct stat status;
  Check(pipe(ends) == 0 && fstat(ends[0], &status) == 0 && status.st_dev == 0, "an anonymous pipe is on no device");
  Apply(queue, Change(ends[0], EVFILT_READ, EV_ADD));
  close(ends[1]);
  Check(Take(queue, &event) == 1 && (event.flags & EV_EOF), "a pipe's end is told");
  close(ends[0]);
  Check(pipe(ends) == 0 && close(ends[0]) == 0, "a pipe without a reader");
  Check(Apply(queue, Change(ends[1], EVFILT_WRITE, EV_ADD)) < 0 && errno == EPIPE, "is EPIPE to register");
  close(ends[1]);

  char folder[] = "/tmp/kqueue-XXXXXX";
  if (mkdtemp(folder) == nullptr) return Check(false, "mkdtemp");
  char path[64];
  snprintf(path, sizeof path, "%s/fifo", folder);
  Check(mkfifo(path, 0600) == 0, "mkfifo");
  const int both = open(path, O_RDWR | O_NONBLOCK);
  const int reader = open(path, O_RDONLY | O_NONBLOCK);
  Apply(queue, Change(reader, EVFILT_READ, EV_ADD));
  Check(write(both, "x", 1) == 1 && Take(queue, &event) == 1, "data in a FIFO is told");
  char byte;
  Check(read(reader, &byte, 1) == 1, "read");
  close(both);
  Check(Take(queue, &event) == 0, "the close of its last writer is not, as on XNU");
  close(reader);
  unlink(path);
  rmdir(folder);
}

void Devices(int queue) {
  const int zero = open("/dev/zero", O_RDONLY);
  Check(Apply(queue, Change(zero, EVFILT_READ, EV_ADD)) < 0 && errno == EINVAL, "a device without a filter is EINVAL");
  close(zero);
}

void Users(int queue) {
  struct kevent event;
  Check(Apply(queue, Change(1, EVFILT_USER, EV_ADD | EV_CLEAR)) == 0 && Take(queue, &event) == 0, "EVFILT_USER waits");
  std::thread other([queue] { Apply(queue, Change(1, EVFILT_USER, 0, NOTE_TRIGGER)); });
  Check(Take(queue, &event, &kLong) == 1 && event.filter == EVFILT_USER, "NOTE_TRIGGER ends another thread's wait");
  other.join();
  Check(Take(queue, &event) == 0, "EV_CLEAR: told once");
}

void Timers(int queue) {
  struct kevent event;
  Check(Apply(queue, Change(7, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_NSECONDS | NOTE_CRITICAL, 2000000)) == 0,
        "EVFILT_TIMER in nanoseconds");
  Check(Take(queue, &event) == 0, "it does not go off at once");
  Check(Take(queue, &event, &kLong) == 1 && event.filter == EVFILT_TIMER && event.ident == 7, "it goes off");
  Check(Apply(queue, Change(7, EVFILT_TIMER, EV_DELETE)) < 0 && errno == ENOENT, "a one-shot timer is gone then");
}

int OpenDescriptors() {
  int count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) count++;
  closedir(folder);
  return count;
}

void OwnDescriptors(int queue) {
  struct kevent event = {};
  const int before = OpenDescriptors();
  Apply(queue, Change(1, EVFILT_USER, EV_ADD | EV_CLEAR));
  Apply(queue, Change(1, EVFILT_USER, 0, NOTE_TRIGGER));
  Apply(queue, Change(7, EVFILT_TIMER, EV_ADD, NOTE_NSECONDS, 1000000));
  Check(OpenDescriptors() == before, "a trigger and a timer take no descriptors");
  Apply(queue, Change(8, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_NSECONDS, 1000000));
  Apply(queue, Change(7, EVFILT_TIMER, EV_DELETE));
  while (Take(queue, &event, &kLong) == 1 && event.ident != 8) continue;
  Check(event.ident == 8, "a second timer goes off when the first is deleted");
  Check(OpenDescriptors() == before, "timers that are gone have none");
  Apply(queue, Change(9, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_NSECONDS, 1000000));
  Check(Take(queue, &event, &kLong) == 1 && event.ident == 9, "the descriptor of a timer that is gone serves the next");
  Apply(queue, Change(1, EVFILT_USER, EV_DELETE));
}

void Processes(int queue) {
  struct kevent event;
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  Check(Apply(queue, Change(child, EVFILT_PROC, EV_ADD, NOTE_EXIT)) == 0, "EVFILT_PROC of a child");
  Check(Take(queue, &event) == 0, "it runs");
  kill(child, SIGKILL);
  Check(Take(queue, &event, &kLong) == 1 && event.fflags == NOTE_EXIT, "NOTE_EXIT");
  Check(Apply(queue, Change(child, EVFILT_PROC, EV_ADD, NOTE_EXIT)) < 0 && errno == ESRCH,
        "a child that has ended is ESRCH, also before it is reaped");
  int status;
  Check(waitpid(child, &status, 0) == child, "reaped");
}

}  // namespace

int main() {
  alarm(30);
  const int queue = kqueue();
  Check(queue >= 0, "kqueue");
  Check((fcntl(queue, F_GETFD) & FD_CLOEXEC) == 0, "is not close-on-exec by itself");
  Descriptors(queue);
  Receipts(queue);
  Pipes(queue);
  Devices(queue);
  Users(queue);
  Timers(queue);
  OwnDescriptors(queue);
  Processes(queue);
  Check(close(queue) == 0, "close");
  const struct kevent change = Change(1, EVFILT_USER, EV_ADD);
  Check(kevent(queue, &change, 1, nullptr, 0, nullptr) < 0 && errno == EBADF, "a closed queue is EBADF");
  printf("kqueue shim: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
