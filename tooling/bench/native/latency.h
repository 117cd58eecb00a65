/*
 * A histogram of times in nanoseconds whose buckets are within 1.6% of the value: 64 linear steps for
 * each power of two. Fixed memory and no sorting, so that recording costs the same for every request.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stdint.h>
#include <string.h>

enum { LATENCY_STEP_BITS = 6, LATENCY_STEPS = 1 << LATENCY_STEP_BITS, LATENCY_BUCKETS = 64 * LATENCY_STEPS };

struct latency {
  uint64_t count;
  uint64_t buckets[LATENCY_BUCKETS];
};

static inline void latency_reset(struct latency *latency) { memset(latency, 0, sizeof *latency); }

static inline void latency_record(struct latency *latency, uint64_t ns) {
  uint64_t bucket = ns;
  if (ns >= LATENCY_STEPS) {
    unsigned shift = 63U - (unsigned)__builtin_clzll(ns) - LATENCY_STEP_BITS;
    bucket = ((uint64_t)(shift + 1) << LATENCY_STEP_BITS) + ((ns >> shift) - LATENCY_STEPS);
  }
  latency->buckets[bucket]++;
  latency->count++;
}

/* The upper edge of the bucket that holds the quantile, in nanoseconds; 0 when nothing was recorded. */
static inline uint64_t latency_quantile(const struct latency *latency, double quantile) {
  uint64_t seen = 0;
  uint64_t wanted = (uint64_t)(quantile * (double)latency->count);
  for (uint64_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
    seen += latency->buckets[bucket];
    if (seen <= wanted) continue;
    if (bucket < LATENCY_STEPS) return bucket;
    uint64_t shift = (bucket >> LATENCY_STEP_BITS) - 1;
    return ((bucket & (LATENCY_STEPS - 1)) + LATENCY_STEPS + 1) << shift;
  }
  return 0;
}

#endif
