#pragma once

// clang-format off
#include <winsock2.h>
#include <windows.h>
// clang-format on

#include <cstdint>
#include <memory>

#include "afd/afd.h"

namespace loop {

// An operation of the system, and everything that the system may touch until it has come back. It stays where it is, and
// alive, until its packet was taken out of the port: an operation that was cancelled, or whose handle was closed, sends one
// too. Afterwards the next operation of its slot uses it again.
struct Operation {
  enum class Kind { kReceive, kSend, kAccept, kConnect, kTransmit, kRead, kWrite, kPipe, kPoll, kWait };

  // First, so that a packet's address is the operation's own.
  OVERLAPPED overlapped;
  Kind kind;
  int32_t slot;
  int32_t generation;
  HANDLE handle;
  // The system has it.
  bool is_pending = false;
  // It brought bytes that nobody has taken yet.
  bool holds = false;

  std::unique_ptr<uint8_t[]> memory;
  uint32_t capacity = 0;
  // How many bytes came.
  uint32_t size;

  // WSARecv.
  DWORD flags;
  // AcceptEx: the socket that is to be the connection.
  SOCKET accepted = INVALID_SOCKET;
  // A poll.
  AfdPollInfo poll;
  int32_t poll_events;
  // A wait for a handle. It may have been answered by a thread of the system's while it is taken back.
  HANDLE wait = nullptr;
  HANDLE port;
  volatile LONG is_posted;
};

static_assert(offsetof(Operation, overlapped) == 0, "a packet's address is taken for the operation's");

}  // namespace loop
