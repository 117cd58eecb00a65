/*
 * The bytes that a connection sends: a window that slides over one table of random bytes.
 *
 * The byte at position p of connection c's stream is table[(start(c) + p) % PERIOD]. The period is a
 * prime, so that no power-of-two mistake (a buffer reused one message late, a slab offset by 4096,
 * two connections swapped) lands on equal bytes. The table is continued by one message past its
 * period: any message is then one contiguous slice, sent without a copy and checked by one memcmp.
 */
#ifndef BENCH_PATTERN_H
#define BENCH_PATTERN_H

#include <stdint.h>
#include <stdlib.h>

enum { PATTERN_PERIOD = 65521, PATTERN_STRIDE = 7919 };

struct pattern {
  unsigned char *table;
};

static inline int pattern_init(struct pattern *pattern, size_t longest_message) {
  size_t length = PATTERN_PERIOD + longest_message;
  pattern->table = malloc(length);
  if (pattern->table == NULL) return -1;
  uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
  for (size_t i = 0; i < PATTERN_PERIOD; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    pattern->table[i] = (unsigned char)(state >> 32);
  }
  for (size_t i = PATTERN_PERIOD; i < length; i++) {
    pattern->table[i] = pattern->table[i - PATTERN_PERIOD];
  }
  return 0;
}

static inline uint32_t pattern_start(uint32_t connection) {
  return (uint32_t)(((uint64_t)connection * PATTERN_STRIDE) % PATTERN_PERIOD);
}

static inline const unsigned char *pattern_at(const struct pattern *pattern, uint32_t start,
                                              uint64_t position) {
  return pattern->table + (start + position) % PATTERN_PERIOD;
}

#endif
