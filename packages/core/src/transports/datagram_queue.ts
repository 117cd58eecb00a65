import { Ring } from '../collections/ring.js'
import type { PackedAddress } from '../sockets/address_book.js'

/** What asyncio counts for each datagram beside its bytes: the header of UDP. */
const headerSize = 8

/** A datagram that waits; `to` is null on a connected socket. */
export interface Waiting {
  readonly data: Uint8Array
  readonly to: PackedAddress | null
}

/** Datagrams that the system did not take at once, in order. */
export class DatagramQueue {
  /** Most endpoints never need one. */
  #waiting: Ring<Waiting> | null = null
  #size = 0

  /** Bytes that wait, by asyncio's count: 8 more for each datagram than it has, so that empty ones count too. */
  get size(): number {
    return this.#size
  }

  get count(): number {
    return this.#waiting === null ? 0 : this.#waiting.length
  }

  /** @param data belongs to the queue from now on */
  push(data: Uint8Array, to: PackedAddress | null): void {
    this.#waiting ??= new Ring()
    this.#waiting.push({ data, to })
    this.#size += data.length + headerSize
  }

  /** The one that is `index` places behind the first; there must be one. */
  at(index: number): Waiting {
    return this.#waiting!.at(index)
  }

  /** Takes the first `count` out. */
  drop(count: number): void {
    for (let left = count; left > 0; left--) this.#size -= this.#waiting!.shift().data.length + headerSize
  }

  clear(): void {
    this.#waiting = null
    this.#size = 0
  }
}
