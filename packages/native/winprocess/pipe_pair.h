#pragma once

#include <cstdint>

#include "winprocess/unique_handle.h"

namespace loop {

// How the ends of a pipe are opened.
struct PipeModes {
  // For overlapped operation; programs expect the other kind of their standard streams.
  bool reader_is_overlapped;
  bool writer_is_overlapped;
  // The writing end can also read: it is how it learns that the reading one was closed.
  bool is_duplex;
};

// Two ends of a named pipe that nobody else can open; neither is inherited. 0, or -errno.
int32_t OpenPipePair(const PipeModes& modes, UniqueHandle* reader, UniqueHandle* writer);

}  // namespace loop
