import {
  type Address,
  INCOMING_DATA,
  INCOMING_GAP,
  INCOMING_HEAD,
  INCOMING_LENGTH,
  INCOMING_MAX,
  INCOMING_SEGMENT,
  INCOMING_SOURCE,
  INCOMING_SOURCE_SIZE,
} from '../backend/contract.js'
import { isInet } from '../sockets/address.js'
import type { AddressBook } from '../sockets/address_book.js'
import type { Socket } from '../sockets/socket.js'
import { Chunks, largestPooled } from './chunks.js'
import { type PacketInfo, packetInfo } from './packet_info.js'

/** More than a datagram over IP can have, and than the system joins into one. */
const inetRoom = 64 * 1024
/** Unix datagrams are as large as the sender's buffer allows; asyncio takes this much of one. */
const otherRoom = 256 * 1024
const slabSize = INCOMING_DATA + INCOMING_MAX * (inetRoom + INCOMING_GAP)
const wordsPerHead = INCOMING_HEAD / Int32Array.BYTES_PER_ELEMENT
/** Datagrams of one batch share memory up to this size; who keeps one of them keeps no more than this. */
const largestShared = 16 * 1024

/** One received datagram; all of it is the receiver's. */
export interface Datagram {
  readonly data: Buffer
  readonly address: Address
  readonly info: PacketInfo | undefined
}

/**
 * Memory that one loop receives datagrams into. It has room for the longest datagrams, so most of it is never touched
 * and takes no memory of the machine. The next batch, of any endpoint, overwrites it.
 */
class IncomingSlab {
  static readonly #slabs = new WeakMap<object, IncomingSlab>()
  readonly bytes = Buffer.allocUnsafeSlow(slabSize)
  readonly words = new Int32Array(this.bytes.buffer, 0, INCOMING_MAX * wordsPerHead)

  static of(loop: object): IncomingSlab {
    let slab = IncomingSlab.#slabs.get(loop)
    if (slab === undefined) IncomingSlab.#slabs.set(loop, (slab = new IncomingSlab()))
    return slab
  }
}

/** One endpoint's side of it. */
export class DatagramInbox extends Chunks {
  readonly #loop: object
  readonly #sock: Socket
  readonly #book: AddressBook
  /** Only then the system may tell more of a datagram: on a Unix socket descriptors could come along, which nobody here closes. */
  readonly #isInet: boolean
  readonly #room: number
  readonly #most: number
  readonly #wantsInfo: boolean
  /** How many are asked for at once: twice as many as came, as long as all came; a lone datagram costs no second look. */
  #wanted = 2

  /** @param wantsInfo whether each datagram comes with what the system tells of it */
  constructor(loop: object, sock: Socket, book: AddressBook, wantsInfo: boolean) {
    super()
    this.#loop = loop
    this.#sock = sock
    this.#book = book
    this.#wantsInfo = wantsInfo
    this.#isInet = isInet(sock.family)
    this.#room = this.#isInet ? inetRoom : otherRoom
    this.#most = Math.min(INCOMING_MAX, Math.floor((slabSize - INCOMING_DATA) / (this.#room + INCOMING_GAP)))
  }

  /** What one system call gives, or -errno. */
  receive(): Datagram[] | number {
    const { bytes, words } = IncomingSlab.of(this.#loop)
    const wanted = this.#wanted
    const fd = this.#sock.fileno()
    const count = this.#sock._ops.recvmmsg(fd, bytes, wanted, this.#room, this.#isInet)
    if (count < 0) return count
    const datagrams = this.#copyOut(bytes, words, count)
    if (count === wanted) this.#wanted = Math.min(this.#most, 2 * wanted)
    else if (count < wanted >> 1) this.#wanted = Math.max(1, wanted >> 1)
    // What the system joined comes apart here: less of it then, or one event would bring thousands.
    if (datagrams.length > 2 * INCOMING_MAX) this.#wanted = 1
    return datagrams
  }

  #copyOut(slab: Buffer, words: Int32Array, count: number): Datagram[] {
    const datagrams: Datagram[] = []
    for (let first = 0; first < count; ) {
      const end = this.#endOfGroup(words, first, count)
      const memory = this.take(this.#sizeOf(words, first, end))
      this.#copy(slab, first, end, memory)
      let used = 0
      for (let index = first; index < end; index++) {
        const length = words[index * wordsPerHead + INCOMING_LENGTH]!
        this.#add(datagrams, slab, words, index, memory, used, length)
        used += length
      }
      first = end
    }
    return datagrams
  }

  /** A native call costs as much as two copies by the host, but is one for all. */
  #copy(slab: Buffer, first: number, end: number, memory: Buffer): void {
    if (end - first > 1) {
      this.#sock._ops.gather(slab, first, end, this.#room, memory)
      return
    }
    const start = INCOMING_DATA + first * (this.#room + INCOMING_GAP)
    slab.copy(memory, 0, start, start + memory.length)
  }

  /** The datagrams that share memory: small ones, as many as fit; a large one is alone. */
  #endOfGroup(words: Int32Array, first: number, count: number): number {
    let end = first
    for (let size = 0; end < count; end++) {
      const length = words[end * wordsPerHead + INCOMING_LENGTH]!
      size += length
      if (end > first && (length > largestPooled || size > largestShared)) break
      if (length > largestPooled) return end + 1
    }
    return end
  }

  #sizeOf(words: Int32Array, first: number, end: number): number {
    let size = 0
    for (let index = first; index < end; index++) size += words[index * wordsPerHead + INCOMING_LENGTH]!
    return size
  }

  /** One datagram of the system's, which is several of the sender's where the user turned UDP_GRO on. */
  #add(
    datagrams: Datagram[],
    slab: Buffer,
    words: Int32Array,
    index: number,
    memory: Buffer,
    offset: number,
    length: number,
  ): void {
    const head = index * wordsPerHead
    const size = words[head + INCOMING_SOURCE_SIZE]!
    const segment = words[head + INCOMING_SEGMENT]! || length
    const end = offset + length
    let start = offset
    do {
      const next = Math.min(end, start + segment)
      const address = this.#book.unpack(slab, index * INCOMING_HEAD + INCOMING_SOURCE, size)
      const info = this.#wantsInfo ? packetInfo(slab, words, index, this.#book) : undefined
      datagrams.push({ data: memory.subarray(start, next), address, info })
      start = next
    } while (start < end)
  }
}
