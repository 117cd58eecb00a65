/** A message above this gets memory of its own size: chunks would be mostly gaps. */
export const largestPooled = 4096
/** Chunks grow with use, so that a connection that received one line does not keep 16 KiB for it. */
const firstChunk = 512
const largestChunk = 16 * 1024

/** Memory for the small messages of ONE receiver, which can see what lies beside each. */
export abstract class Chunks {
  /** What the next messages go into, from `used` on. */
  protected chunk: Buffer | null = null
  protected used = 0
  #next = 0

  /** Memory of `count` bytes, all of which the caller overwrites. */
  protected take(count: number): Buffer {
    if (count > largestPooled) return Buffer.allocUnsafeSlow(count)
    if (this.#next === 0) {
      // A connection that said one thing and then waits, as most do, keeps no memory for more.
      this.#next = firstChunk
      return Buffer.allocUnsafeSlow(count)
    }
    let chunk = this.chunk
    if (chunk === null || chunk.length - this.used < count) {
      const size = Math.min(largestChunk, Math.max(this.#next, 4 * count))
      this.#next = 2 * size
      // Zeroed: the part that is not used yet can be seen as well.
      chunk = this.chunk = Buffer.alloc(size)
      this.used = 0
    }
    const start = this.used
    this.used = start + count
    return chunk.subarray(start, start + count)
  }
}
