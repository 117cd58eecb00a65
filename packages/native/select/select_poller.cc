#include "select/select_poller.h"

#include <timeapi.h>

#include <cerrno>

#include "common/errors.h"
#include "winsock/errors.h"

namespace loop {

namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr int64_t kNanosecondsPerMicrosecond = 1'000;

SOCKET SocketOf(int fd) { return static_cast<SOCKET>(static_cast<unsigned int>(fd)); }

// While it lives, timeouts are counted in milliseconds and not in ticks of 15.6.
class FineTimeouts {
 public:
  explicit FineTimeouts(bool on) : is_on_(on && timeBeginPeriod(1) == TIMERR_NOERROR) {}
  FineTimeouts(const FineTimeouts&) = delete;
  FineTimeouts& operator=(const FineTimeouts&) = delete;
  ~FineTimeouts() {
    if (is_on_) timeEndPeriod(1);
  }

 private:
  bool is_on_;
};

}  // namespace

int SelectPoller::Accepts(int, size_t count) const { return count < kMaxSockets ? 0 : ErrorResult(EMFILE); }

int SelectPoller::Scan(const std::vector<Registration>& watched, int wake, int64_t timeout_ns) {
  Set reading, writing, failing;
  reading.count = writing.count = failing.count = 0;
  reading.Add(SocketOf(wake));
  places_.clear();
  findings_.assign(watched.size(), {0, false});
  for (size_t index = 0; index < watched.size(); index++) {
    const SOCKET socket = SocketOf(watched[index].fd);
    places_[socket] = index;
    if (watched[index].mask & kRead) reading.Add(socket);
    if (watched[index].mask & kWrite) {
      writing.Add(socket);
      // Where a connection that could not be made shows.
      failing.Add(socket);
    }
  }
  timeval limit;
  limit.tv_sec = static_cast<long>(timeout_ns / kNanosecondsPerSecond);
  // Rounded up: a wait that ends early makes its caller go round once more for nothing.
  limit.tv_usec = static_cast<long>((timeout_ns % kNanosecondsPerSecond + kNanosecondsPerMicrosecond - 1) /
                                    kNanosecondsPerMicrosecond);
  const FineTimeouts fine(timeout_ns > 0);
  const int count =
      ::select(0, reading.get(), writing.get(), failing.get(), timeout_ns < 0 ? nullptr : &limit);
  is_woken_ = false;
  if (count == SOCKET_ERROR) {
    const int32_t error = LastSocketError();
    return error == FromWindowsError(WSAENOTSOCK) ? FindClosed(watched) : error;
  }
  if (count == 0) return 0;
  Note(reading, kRead);
  Note(writing, kWrite);
  Note(failing, kWrite);
  for (u_int index = 0; index < reading.count; index++) is_woken_ |= reading.sockets[index] == SocketOf(wake);
  return count;
}

// What is left in a set is ready.
void SelectPoller::Note(const Set& set, int32_t mask) {
  for (u_int index = 0; index < set.count; index++) {
    const auto place = places_.find(set.sockets[index]);
    if (place != places_.end()) findings_[place->second].mask |= mask;
  }
}

// One closed socket fails the call for all of them and is not named; it is reported as ready for all it asked.
int SelectPoller::FindClosed(const std::vector<Registration>& watched) {
  int count = 0;
  for (size_t index = 0; index < watched.size(); index++) {
    const bool is_closed = CanBeWatched(watched[index].fd) != 0;
    findings_[index] = {is_closed ? watched[index].mask : 0, is_closed};
    count += is_closed;
  }
  return count;
}

}  // namespace loop
