/**
 * Memory that the system fills before it is known how much will come. What arrived is copied out, so that a few bytes
 * do not keep the whole of it and nobody sees what others received.
 */
const scratch = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * Calls `receive` with memory for `size` bytes and gives what it received, the caller's to keep; or the negative
 * result of the call.
 */
export function received(size: number, receive: (memory: Buffer) => number): Buffer | number {
  if (size <= scratch.length) {
    const count = receive(scratch)
    return count < 0 ? count : copyOf(scratch.subarray(0, Math.min(count, size)))
  }
  const memory = Buffer.allocUnsafeSlow(size)
  const count = receive(memory)
  if (count < 0) return count
  const bytes = memory.subarray(0, Math.min(count, size))
  return bytes.length * 2 < size ? copyOf(bytes) : bytes
}

/** In memory of its own: `Buffer.from` takes it from a pool, where the receiver would see other data behind it. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** @throws TypeError or RangeError unless `size` is a possible length of a buffer */
export function checkedSize(size: unknown, what: string): number {
  if (typeof size !== 'number') throw new TypeError(`${what} must be a number of bytes, not ${typeof size}`)
  if (Number.isInteger(size) && size >= 0 && size <= 0x7fffffff) return size
  throw new RangeError(`${what} must be an integer from 0 to 2147483647, not ${size}`)
}
