/**
 * Where received bytes land.
 *
 * They are the receiver's to keep, and a receiver can look at the whole memory behind them (`data.buffer`). So memory is
 * never shared between connections: the loop's slab is overwritten by every connection and what it holds is copied out
 * of it; small messages of ONE connection share chunks of that connection. What can be foreseen is read straight into its
 * place: small messages into a chunk with room, large ones that keep their size into memory of that size.
 */
import { Chunks, largestPooled } from './chunks.js'
import type { StreamOps } from './descriptor_transport.js'

const slabSize = 64 * 1024
/** Large messages of one size in a row before the whole slab is offered again. */
const longestStreak = 16

/** Memory that one loop receives into when the size of what comes is not known. */
export class ReadSlab {
  static readonly #slabs = new WeakMap<object, ReadSlab>()
  bytes = Buffer.allocUnsafeSlow(slabSize)

  static of(loop: object): ReadSlab {
    let slab = ReadSlab.#slabs.get(loop)
    if (slab === undefined) ReadSlab.#slabs.set(loop, (slab = new ReadSlab()))
    return slab
  }

  /** Gives the slab itself away: only when all of it was just overwritten, or it would show what others received. */
  handOver(): Buffer {
    const full = this.bytes
    this.bytes = Buffer.allocUnsafeSlow(slabSize)
    return full
  }
}

/** One connection's side of it. */
export class Inbox extends Chunks {
  readonly #slab: ReadSlab
  readonly #whole: boolean
  /** Room that makes it likely that the next message fits: twice the last one. */
  #wanted = 1
  /** The size of the last large message; one of the same size makes it likely that the next is as large. */
  #large = 0
  /** What the next large message should have, or 0 for no idea. */
  #exact = 0
  #streak = 0

  /**
   * @param whole every read is offered the whole slab, for descriptors of which a read that is too small fails, or loses
   *   the rest of the message
   */
  constructor(slab: ReadSlab, whole = false) {
    super()
    this.#slab = slab
    this.#whole = whole
  }

  /** One recv(2): the bytes, 0 at the end of the stream, or -errno. */
  receive(ops: StreamOps, fd: number): Buffer | number {
    const chunk = this.chunk
    if (chunk !== null && chunk.length - this.used >= this.#wanted && !this.#whole) {
      const start = this.used
      const count = ops.recv(fd, chunk, start, chunk.length - start, 0)
      if (count <= 0) return count
      this.used = start + count
      this.#wanted = 2 * count
      return chunk.subarray(start, start + count)
    }
    if (this.#exact > 0) return this._receiveExactly(ops, fd, this.#exact)
    const slab = this.#slab.bytes
    const count = ops.recv(fd, slab, 0, slabSize, 0)
    if (count <= 0) return count
    if (count === slabSize) return this.#slab.handOver()
    this.#wanted = 2 * count
    if (count > largestPooled) {
      if (count === this.#large && !this.#whole) this.#exact = count
      this.#large = count
    }
    const bytes = this.take(count)
    slab.copy(bytes, 0, 0, count)
    return bytes
  }

  /** Into memory of its own size, which is handed over if it was filled: none of it is somebody else's then. */
  private _receiveExactly(ops: StreamOps, fd: number, size: number): Buffer | number {
    const memory = Buffer.allocUnsafeSlow(size)
    const count = ops.recv(fd, memory, 0, size, 0)
    // There may be more than this every time: the slab tells.
    if (++this.#streak === longestStreak || count !== size) {
      this.#streak = 0
      this.#exact = 0
    }
    if (count <= 0) return count
    if (count === size) return memory
    // Not the host's copying functions: they share a pool, and the rest of it could be seen.
    const bytes = Buffer.allocUnsafeSlow(count)
    memory.copy(bytes, 0, 0, count)
    return bytes
  }
}
