#pragma once

namespace loop {

// Descriptors are born non-blocking and close-on-exec, in one system call where the platform has one: between two
// calls another thread's fork would hand the descriptor to a child. All give -1 with errno, as the calls they stand for.

int OpenSocket(int family, int type, int protocol);
int OpenSocketPair(int family, int type, int protocol, int pair[2]);
int OpenPipe(int pair[2]);
// For a child's standard streams: programs expect them to block.
int OpenBlockingPipe(int pair[2]);
int AcceptSocket(int listener);
int Duplicate(int fd);

}  // namespace loop
