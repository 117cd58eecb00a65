import {
  ADDRESS_ROOM,
  OUTGOING_ADDRESS,
  OUTGOING_ADDRESS_SIZE,
  OUTGOING_ADDRESSES,
  OUTGOING_DATA,
  OUTGOING_ERROR,
  OUTGOING_HEAD,
  OUTGOING_HEADS,
  OUTGOING_LENGTH,
  OUTGOING_MAX,
  OUTGOING_OFFSET,
  type SocketOps,
} from '../backend/contract.js'
import type { PackedAddress } from '../sockets/address_book.js'

/** What the system takes at most as one run of datagrams. */
const dataSize = 64 * 1024
const wordSize = Int32Array.BYTES_PER_ELEMENT

/** Where the words of a head begin. */
function headOf(index: number): number {
  return (OUTGOING_HEADS + index * OUTGOING_HEAD) / wordSize
}

/** Who has datagrams in the outbox. */
export interface OutboxOwner {
  /** Sends them, or takes them out. */
  _flush(): void
}

/**
 * Memory in which datagrams that leave together are laid out for the system. One for each loop: it belongs to one endpoint
 * at a time, and whoever wants it next has that one flush it first.
 */
export class Outbox {
  static readonly #boxes = new WeakMap<object, Outbox>()
  readonly #bytes = Buffer.allocUnsafeSlow(OUTGOING_DATA + dataSize)
  readonly #words = new Int32Array(this.#bytes.buffer, 0, OUTGOING_ADDRESSES / wordSize)
  /** Where each goes; null: where the socket is connected to. */
  readonly #destinations: (PackedAddress | null)[] = []
  #owner: OutboxOwner | null = null
  #end = OUTGOING_DATA
  #addresses = 0
  #count = 0

  static of(loop: object): Outbox {
    let box = Outbox.#boxes.get(loop)
    if (box === undefined) Outbox.#boxes.set(loop, (box = new Outbox()))
    return box
  }

  /** How many datagrams of `owner` it holds. */
  countOf(owner: OutboxOwner): number {
    return this.#owner === owner ? this.#count : 0
  }

  /** Makes it `owner`'s. */
  claim(owner: OutboxOwner): void {
    // What the other reports when it flushes may make it send, and claim it again.
    while (this.#owner !== null && this.#owner !== owner) this.#owner._flush()
    this.#owner = owner
  }

  /** Whether one of `length` bytes can be added. */
  hasRoom(length: number): boolean {
    return this.#count < OUTGOING_MAX && this.#end + length <= this.#bytes.length
  }

  /** Whether it could be if this were empty. */
  static fits(length: number): boolean {
    return length <= dataSize
  }

  /** Copies a datagram in. */
  add(data: Uint8Array, to: PackedAddress | null): void {
    const index = this.#count++
    const head = headOf(index)
    this.#bytes.set(data, this.#end)
    this.#words[head + OUTGOING_OFFSET] = this.#end
    this.#words[head + OUTGOING_LENGTH] = data.length
    this.#end += data.length
    if (to === null) {
      this.#words[head + OUTGOING_ADDRESS] = -1
      this.#words[head + OUTGOING_ADDRESS_SIZE] = 0
    } else {
      if (index === 0 || this.#destinations[index - 1] !== to) this.#addAddress(to)
      this.#words[head + OUTGOING_ADDRESS] = this.#addresses - 1
      this.#words[head + OUTGOING_ADDRESS_SIZE] = to.bytes.length
    }
    this.#destinations[index] = to
  }

  #addAddress(to: PackedAddress): void {
    this.#bytes.set(to.bytes, OUTGOING_ADDRESSES + this.#addresses++ * ADDRESS_ROOM)
  }

  /** Why the last `send` stopped behind those that left: -errno, or 0 if that is not known. */
  get error(): number {
    return this.#words[OUTGOING_ERROR]!
  }

  /** Hands over the datagrams from number `from` to `upto`; how many left, or -errno for the first. */
  send(ops: SocketOps, fd: number, from: number, upto: number, segment: number, oneByOne: boolean): number {
    return ops.sendmmsg(fd, this.#bytes, from, upto, segment, oneByOne)
  }

  lengthOf(index: number): number {
    return this.#words[headOf(index) + OUTGOING_LENGTH]!
  }

  destinationOf(index: number): PackedAddress | null {
    return this.#destinations[index]!
  }

  /** A datagram in memory of its own. */
  copyOf(index: number): Buffer {
    const start = this.#words[headOf(index) + OUTGOING_OFFSET]!
    const copy = Buffer.allocUnsafeSlow(this.lengthOf(index))
    this.#bytes.copy(copy, 0, start, start + copy.length)
    return copy
  }

  /** Empties it, and lets go of its owner. */
  clear(): void {
    this.#owner = null
    this.#count = 0
    this.#addresses = 0
    this.#end = OUTGOING_DATA
  }
}
