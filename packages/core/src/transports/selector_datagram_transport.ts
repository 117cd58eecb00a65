import type { Address } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { isInet } from '../sockets/address.js'
import type { PackedAddress } from '../sockets/address_book.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'
import { type Datagram, DatagramInbox } from './datagram_inbox.js'
import { DatagramSocketTransport } from './datagram_socket_transport.js'
import { isTransient } from './errno.js'
import { Outbox, type OutboxOwner } from './outbox.js'
import type { DatagramProtocol } from './protocols.js'

export interface DatagramTransportOptions {
  /** Where datagrams go that are given no address, of a socket that is not connected. */
  remote?: Address
  /** Every datagram comes with what the system tells of it. */
  packetInfo?: boolean
  /** Gets its result after `connectionMade` was called. */
  waiter?: Future<void> | null
}

/** Milliseconds between attempts where the system does not tell when there is room. */
const retryDelay = 1

/** What a run that the kernel is to cut up (UDP_SEGMENT) may fail with where its datagrams alone would not. */
const refusesSegments = new Set([-errno.EINVAL, -errno.EIO, -errno.EMSGSIZE, -errno.EOPNOTSUPP])

/**
 * A datagram socket on a selector loop. asyncio: `_SelectorDatagramTransport`.
 *
 * A readable event takes one batch of datagrams. What is sent from within their callbacks leaves together after them;
 * otherwise the first datagram of a pass leaves at once, as in asyncio, and what follows in the same pass together in the
 * next, or earlier when it is a batch.
 */
export class SelectorDatagramTransport extends DatagramSocketTransport implements OutboxOwner {
  /** @internal */ declare readonly _loop: SocketEventLoop
  readonly #inbox: DatagramInbox
  readonly #outbox: Outbox
  /** Datagrams up to this size may leave as one run that the kernel cuts up; 0: none. */
  #segment: number
  /** A system call for each, which knows every error: while a peer cannot be reached. */
  #oneByOne = false
  #delivering = false
  /** The pass in which a datagram left at once. */
  #pass = -1
  #flushScheduled = false

  /** @internal use `createDatagramEndpoint` */
  constructor(
    loop: SocketEventLoop,
    sock: Socket,
    protocol: DatagramProtocol,
    { remote = null, packetInfo = false, waiter = null }: DatagramTransportOptions = {},
  ) {
    super(loop, sock, protocol, remote)
    this.#inbox = new DatagramInbox(loop, sock, this._addresses, packetInfo)
    this.#outbox = Outbox.of(loop)
    this.#segment = segmentSize(sock)
    this._beginSoon(waiter)
  }

  // ---- receiving

  /** @internal */
  override _startReading(): void {
    this._loop._addReader(this._fd, readReady, this)
  }

  /** @internal */
  override _stopReading(): void {
    this._loop._removeReader(this._fd)
  }

  /** @internal */
  _readReady(): void {
    if (this._connLost !== 0) return
    let datagrams: Datagram[] | number
    try {
      datagrams = this.#inbox.receive()
    } catch (exception) {
      return this._failed(exception as Error, 'read')
    }
    if (typeof datagrams === 'number') {
      if (!isTransient(datagrams)) this._failed(systemError(datagrams, 'recvfrom'), 'read')
      return
    }
    this.#delivering = true
    try {
      this._deliver(datagrams)
    } finally {
      this.#delivering = false
      this._flush()
    }
  }

  // ---- sending

  protected override _send(bytes: Uint8Array, to: PackedAddress | null): void {
    if (!Outbox.fits(bytes.length)) return this.#sendAlone(bytes, to)
    const outbox = this.#outbox
    outbox.claim(this)
    if (!outbox.hasRoom(bytes.length)) {
      this._flush()
      if (this._queue.count > 0) return this._enqueue(Buffer.from(bytes), to)
      outbox.claim(this)
    }
    outbox.add(bytes, to)
    if (this.#delivering) return
    if (this._loop._passes !== this.#pass) {
      this.#pass = this._loop._passes
      this._flush()
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true
      this._loop.callSoon(flushSoon, this)
    }
  }

  /** One that is larger than a whole batch may be. */
  #sendAlone(bytes: Uint8Array, to: PackedAddress | null): void {
    this._flush()
    const result = this._queue.count > 0 ? -errno.EAGAIN : this.#sendOne(bytes, to)
    if (result >= 0) return
    if (isTransient(result)) this._enqueue(Buffer.from(bytes), to)
    else this._failed(this._sendError(result, to), 'write')
  }

  #sendOne(bytes: Uint8Array, to: PackedAddress | null): number {
    const ops = this._sock._ops
    if (to === null) return ops.send(this._fd, bytes, 0, bytes.length, 0)
    return ops.sendto(this._fd, bytes, 0, this._sock.family, to.address)
  }

  /** @internal */
  _flushSoon(): void {
    this.#flushScheduled = false
    this._flush()
  }

  /** @internal */
  override _flush(): void {
    const outbox = this.#outbox
    const count = outbox.countOf(this)
    if (count === 0) return
    const errors: Error[] = []
    const done = this.#transmit(count, errors)
    const rest = []
    for (let index = done; index < count; index++)
      rest.push({ data: outbox.copyOf(index), to: outbox.destinationOf(index) })
    // From here on the protocol may be called, and send.
    outbox.clear()
    for (const { data, to } of rest) if (this._connLost === 0) this._enqueue(data, to)
    for (const error of errors) this._failed(error, 'write')
  }

  /** @internal what can leave without waiting does; nobody is told */
  override _release(): void {
    const count = this.#outbox.countOf(this)
    if (count > 0) {
      this.#transmit(count, [])
      this.#outbox.clear()
    }
    super._release()
  }

  /** Hands over what is in the outbox: how many are done with, sent or refused; the system has no room for the others. */
  #transmit(count: number, errors: Error[]): number {
    let done = 0
    try {
      while (done < count) {
        let result = this.#transmitFrom(done, count)
        if (result > 0) {
          done += result
          if (done === count) break
          result = this.#outbox.error
          // The system forgets why it stopped. What was an error that had been pending is told of again only if the next
          // datagram has one of its own, so from here on they go one by one.
          if (result === 0) this.#oneByOne = true
          // Whether it was a run as a run that was refused shows when it is the first.
          if (result === 0 || refusesSegments.has(result)) continue
        }
        if (isTransient(result)) return done
        errors.push(this._sendError(result, this.#outbox.destinationOf(done++)))
      }
      this.#oneByOne &&= errors.length > 0
      return done
    } catch (exception) {
      errors.push(exception as Error)
      return count
    }
  }

  #transmitFrom(first: number, count: number): number {
    const outbox = this.#outbox
    const ops = this._sock._ops
    const sent = outbox.send(ops, this._fd, first, count, this.#segment, this.#oneByOne)
    if (!refusesSegments.has(sent) || outbox.lengthOf(first) > this.#segment) return sent
    const alone = outbox.send(ops, this._fd, first, first + 1, 0, true)
    // It was the run: of datagrams too long for the route, which are cut up in a way of their own, or on a device that
    // cannot.
    if (alone > 0) this.#segment = outbox.lengthOf(first) - 1
    return alone
  }

  protected override _awaitRoom(): void {
    this._loop._addWriter(this._fd, drain, this)
  }

  /** @internal */
  override _stopWriting(): void {
    this._loop._removeWriter(this._fd)
  }

  /** @internal sends what waits until the system has no more room */
  _drain(): void {
    if (this._connLost !== 0) return
    const errors: Error[] = []
    let done = 0
    for (let moved = -1; moved !== 0 && this._queue.count > 0; done += moved) {
      moved = this.#drainBatch(errors)
      this._queue.drop(moved)
    }
    for (const error of errors) this._failed(error, 'write')
    if (this._connLost !== 0) return
    if (done === 0) this.#retryLater()
    else this._shrunk()
  }

  /** How many of the queue are done with. */
  #drainBatch(errors: Error[]): number {
    const { data, to } = this._queue.at(0)
    if (!Outbox.fits(data.length)) {
      const result = this.#sendOne(data, to)
      if (result < 0 && isTransient(result)) return 0
      if (result < 0) errors.push(this._sendError(result, to))
      return 1
    }
    const outbox = this.#outbox
    // Whoever has it may tell its protocol of errors, which can end this transport too: the queue is then empty.
    outbox.claim(this)
    let count = 0
    for (; count < this._queue.count; count++) {
      const next = this._queue.at(count)
      if (!outbox.hasRoom(next.data.length)) break
      outbox.add(next.data, next.to)
    }
    const done = this.#transmit(count, errors)
    outbox.clear()
    return done
  }

  /** The system says that it has room and has not: the receiver's queue is full, of which the sender's socket knows nothing. */
  #retryLater(): void {
    this._stopWriting()
    this._loop.callLater(retryDelay, () => {
      if (this._connLost === 0 && this._queue.count > 0) this._awaitRoom()
    })
  }
}

function readReady(transport: SelectorDatagramTransport): void {
  transport._readReady()
}

function drain(transport: SelectorDatagramTransport): void {
  transport._drain()
}

function flushSoon(transport: SelectorDatagramTransport): void {
  transport._flushSoon()
}

/** The longest datagram that the kernel may be given in runs; 0 where it cannot cut them up again. */
function segmentSize(sock: Socket): number {
  const option = constants['UDP_SEGMENT']
  const { proto, family } = sock
  if (option === undefined || !isInet(family) || (proto !== 0 && proto !== constants['IPPROTO_UDP'])) return 0
  const answer = sock._ops.getsockopt(sock.fileno(), constants['IPPROTO_UDP']!, option, new Uint8Array(4))
  return answer < 0 ? 0 : 0xffff
}
