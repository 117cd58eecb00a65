#include "posix/messages.h"

#include "common/arguments.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace loop {

namespace {

template <typename Call>
int OneByOne(Message* messages, unsigned int count, Call call) {
  for (unsigned int index = 0; index < count; index++) {
    const ssize_t length = Retry([&] { return call(&messages[index].header); });
    if (length < 0) return index > 0 ? static_cast<int>(index) : -1;
    messages[index].length = static_cast<unsigned int>(length);
  }
  return static_cast<int>(count);
}

}  // namespace

int ReceiveOneByOne(int fd, Message* messages, unsigned int count) {
  return OneByOne(messages, count, [fd](msghdr* header) { return ::recvmsg(fd, header, MSG_DONTWAIT); });
}

int SendOneByOne(int fd, Message* messages, unsigned int count) {
  return OneByOne(messages, count,
                  [fd](const msghdr* header) { return ::sendmsg(fd, header, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

}  // namespace loop
