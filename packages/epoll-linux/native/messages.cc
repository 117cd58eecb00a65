#include "posix/messages.h"

#include <cerrno>
#include <cstddef>

#include "common/arguments.h"

namespace loop {

namespace {

static_assert(sizeof(Message) == sizeof(mmsghdr) && offsetof(Message, length) == offsetof(mmsghdr, msg_len),
              "a Message is what the kernel takes for a mmsghdr");

mmsghdr* Native(Message* messages) { return reinterpret_cast<mmsghdr*>(messages); }

}  // namespace

// Sandboxes may know the older calls only.

int ReceiveMessages(int fd, Message* messages, unsigned int count) {
  if (count == 1) return ReceiveOneByOne(fd, messages, count);
  const int received = Retry([&] { return ::recvmmsg(fd, Native(messages), count, MSG_DONTWAIT, nullptr); });
  return received < 0 && errno == ENOSYS ? ReceiveOneByOne(fd, messages, count) : received;
}

int SendMessages(int fd, Message* messages, unsigned int count) {
  if (count == 1) return SendOneByOne(fd, messages, count);
  const int sent =
      Retry([&] { return ::sendmmsg(fd, Native(messages), count, MSG_DONTWAIT | MSG_NOSIGNAL); });
  return sent < 0 && errno == ENOSYS ? SendOneByOne(fd, messages, count) : sent;
}

}  // namespace loop
