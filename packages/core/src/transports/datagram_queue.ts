import type { PackedAddress } from '../sockets/address_book.js'

/** What asyncio counts for each datagram beside its bytes: the header of UDP. */
const headerSize = 8
/** Sent datagrams are dropped from the array in batches: shifting it for each would copy the rest every time. */
const compactAfter = 1024

/** A datagram that waits; `to` is null on a connected socket. */
export interface Waiting {
  readonly data: Uint8Array
  readonly to: PackedAddress | null
}

/** Datagrams that the system did not take at once, in order. */
export class DatagramQueue {
  #waiting: Waiting[] = []
  #first = 0
  #size = 0

  /** Bytes that wait, by asyncio's count: 8 more for each datagram than it has, so that empty ones count too. */
  get size(): number {
    return this.#size
  }

  get count(): number {
    return this.#waiting.length - this.#first
  }

  /** @param data belongs to the queue from now on */
  push(data: Uint8Array, to: PackedAddress | null): void {
    this.#waiting.push({ data, to })
    this.#size += data.length + headerSize
  }

  /** The one that is `index` places behind the first. */
  at(index: number): Waiting {
    return this.#waiting[this.#first + index]!
  }

  /** Takes the first `count` out. */
  shift(count: number): void {
    for (let index = 0; index < count; index++) this.#size -= this.at(index).data.length + headerSize
    this.#first += count
    if (this.#first === this.#waiting.length) return this.clear()
    if (this.#first < compactAfter) return
    this.#waiting = this.#waiting.slice(this.#first)
    this.#first = 0
  }

  clear(): void {
    this.#waiting = []
    this.#first = 0
    this.#size = 0
  }
}
