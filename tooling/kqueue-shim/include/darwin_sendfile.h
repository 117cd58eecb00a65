// sendfile(2) as macOS has it, over Linux's. Included before everything else where the kqueue backend's sources are built
// on Linux.
#pragma once

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/types.h>

struct sf_hdtr;

static inline int darwin_sendfile(int file, int socket, off_t offset, off_t *length, struct sf_hdtr *headers, int flags) {
  (void)headers;
  (void)flags;
  off_t from = offset;
  const ssize_t sent = sendfile(socket, file, &from, (size_t)*length);
  *length = sent < 0 ? 0 : sent;
  return sent < 0 ? -1 : 0;
}

#define sendfile darwin_sendfile
