import type { FileDescriptor } from '../sockets/file_descriptor.js'
import type { StreamOps } from './descriptor_transport.js'

/** Sent chunks are dropped from the array in batches: shifting it for each would copy the rest every time. */
const compactAfter = 1024

/** What the kernel did not take at once, in order. */
export interface Outbox {
  /** Bytes that wait. */
  readonly size: number
  /**
   * @param bytes belong to the queue from now on
   * @param fds travel beside the first of them, and are closed when they have left or are dropped; only where they can
   */
  push(bytes: Uint8Array, fds?: readonly FileDescriptor[]): void
  clear(): void
  /** One write of as much as the system takes; the number of bytes, or -errno. */
  send(ops: StreamOps, fd: number): number
}

/** A stream's bytes, which leave in vectored writes. */
export class WriteQueue implements Outbox {
  #chunks: Uint8Array[] = []
  /** The first chunk that is not sent whole, and how much of it is sent. */
  #first = 0
  #offset = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.#size += bytes.length
  }

  clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#offset = 0
    this.#size = 0
  }

  send(ops: StreamOps, fd: number): number {
    const sent =
      this.#chunks.length - this.#first === 1
        ? this.#sendOnly(ops, fd)
        : ops.sendv(fd, this.#chunks, this.#first, this.#offset)
    if (sent > 0) this.sent(sent)
    return sent
  }

  /** Lends out what waits: `begin` gets the chunks, which is the first, and how much of that has left. */
  transmit<T>(begin: (chunks: readonly Uint8Array[], first: number, offset: number) => T): T {
    return begin(this.#chunks, this.#first, this.#offset)
  }

  #sendOnly(ops: StreamOps, fd: number): number {
    const chunk = this.#chunks[this.#first]!
    return ops.send(fd, chunk, this.#offset, chunk.length - this.#offset, 0)
  }

  /** The first `bytes` have left. */
  sent(bytes: number): void {
    this.#size -= bytes
    if (this.#size === 0) return this.clear()
    let rest = this.#offset + bytes
    const chunks = this.#chunks
    while (rest >= chunks[this.#first]!.length) {
      rest -= chunks[this.#first]!.length
      chunks[this.#first++] = gone
    }
    this.#offset = rest
    if (this.#first >= compactAfter) {
      this.#chunks = chunks.slice(this.#first)
      this.#first = 0
    }
  }
}

/** Stands in the place of a sent chunk, so that its memory can go. */
const gone = new Uint8Array(0)
