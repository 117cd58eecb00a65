#pragma once

#include <sys/event.h>

#include <cstdint>

namespace kqueue_shim {

// Whether XNU's kqueue would take EVFILT_READ or EVFILT_WRITE for `fd`: 0 or the errno it gives.
int CheckDescriptor(int fd, int16_t filter);

// Fills what XNU tells of a ready descriptor: EV_EOF, and the number of bytes in data. fflags stays 0: Linux has no
// way to look at SO_ERROR without taking it. `happened` is epoll's mask. False where XNU reports nothing: a named FIFO whose last writer has closed it.
bool Describe(int fd, uint32_t happened, struct kevent* event);

}  // namespace kqueue_shim
