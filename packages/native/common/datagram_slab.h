#pragma once

#include <cstddef>
#include <cstdint>

namespace loop {

// The memory that core and the batch functions share; contract.ts has the same layout with the words.

constexpr uint32_t kMaxIncoming = 32;
constexpr uint32_t kMaxOutgoing = 64;
constexpr size_t kAddressRoom = 128;

// What is known of a received datagram. All heads come first, the datagrams follow.
struct IncomingHead {
  int32_t length;
  int32_t flags;
  int32_t source_size;
  // Bytes of each datagram where the kernel joined several of one sender into one (UDP_GRO), else 0.
  int32_t segment;
  // Which of the following are known.
  int32_t known;
  int32_t interface_index;
  int32_t destination_size;
  int32_t tos;
  int32_t dropped;
  int32_t seconds;
  int32_t nanoseconds;
  int32_t reserved[5];
  uint8_t source[kAddressRoom];
  uint8_t destination[64];
};
static_assert(sizeof(IncomingHead) == 256, "contract.ts counts on it");

constexpr int32_t kKnownDestination = 1;
constexpr int32_t kKnownTos = 2;
constexpr int32_t kKnownDropped = 4;
constexpr int32_t kKnownTime = 8;

constexpr size_t kIncomingData = kMaxIncoming * sizeof(IncomingHead);
// Datagrams do not begin at the same place of their pages, or they would all compete for the same lines of the cache.
constexpr size_t kIncomingGap = 64;

// What comes first of all: -errno of the datagram at which sending stopped after others had left, or 0 where the system
// does not tell.
constexpr size_t kOutgoingHeads = 16;

// A datagram to send: `length` bytes of the slab from `offset` on. All heads come first, then the addresses.
struct OutgoingHead {
  int32_t offset;
  int32_t length;
  // Which of the addresses; -1 on a connected socket.
  int32_t address;
  int32_t address_size;
};
static_assert(sizeof(OutgoingHead) == 16, "contract.ts counts on it");

constexpr size_t kOutgoingAddresses = kOutgoingHeads + kMaxOutgoing * sizeof(OutgoingHead);
constexpr size_t kOutgoingData = kOutgoingAddresses + kMaxOutgoing * kAddressRoom;

}  // namespace loop
