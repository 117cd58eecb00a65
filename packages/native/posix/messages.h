#pragma once

#include <sys/socket.h>

namespace loop {

// One message of a batch; the shape of Linux's mmsghdr, which other systems lack.
struct Message {
  msghdr header;
  // Bytes received or sent.
  unsigned int length;
};

// Both move messages without waiting, from the first on, until one cannot be moved, and give how many were; -1 with
// errno when it was the first that could not. Each backend gives its own: one system call for all where there is one.
int ReceiveMessages(int fd, Message* messages, unsigned int count);
int SendMessages(int fd, Message* messages, unsigned int count);

// The same with a system call for each, for systems without a better one.
int ReceiveOneByOne(int fd, Message* messages, unsigned int count);
// Also for where no error may be lost: sendmmsg(2) drops one that was pending on the socket when it strikes after the
// first message. errno is why it stopped whenever it gives less than `count`.
int SendOneByOne(int fd, Message* messages, unsigned int count);

}  // namespace loop
