/**
 * The system's monotonic clock in milliseconds, as native code sees it (`uv_hrtime`, CLOCK_MONOTONIC), read through
 * `performance.now()` because that makes no BigInt. Comparable between threads.
 */
const offset = measureOffset()

function measureOffset(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6 - performance.now()
}

export function monotonic(): number {
  return performance.now() + offset
}
