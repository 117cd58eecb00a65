import { inspect } from 'node:util'
import type { Address } from '../backend/contract.js'
import { isSystemError, systemError } from '../errors/index.js'
import { addressError, detailsOf } from '../sockets/address.js'
import { AddressBook, type PackedAddress } from '../sockets/address_book.js'
import { bytesOf } from '../sockets/data.js'
import type { Socket } from '../sockets/socket.js'
import type { Datagram } from './datagram_inbox.js'
import { DatagramQueue } from './datagram_queue.js'
import { DescriptorTransport, type TransportLoop } from './descriptor_transport.js'
import type { DatagramProtocol } from './protocols.js'
import type { Data } from './transport.js'

/**
 * What a datagram transport does whatever its loop waits with: where a datagram may go, what waits and how it counts,
 * and what the protocol is told. How datagrams get to the system and from it is the subclass's.
 */
export abstract class DatagramSocketTransport extends DescriptorTransport {
  declare _protocol: DatagramProtocol
  protected readonly _addresses: AddressBook
  protected readonly _queue = new DatagramQueue()
  /** The socket has a peer of its own, to which datagrams go without an address. */
  protected readonly _connected: boolean
  /** The only place where datagrams may go; null: anywhere, or to a peer without a name. */
  readonly #remote: PackedAddress | null
  /** Received before `pauseReading` was called in the middle of them. */
  #held: Datagram[] = []

  /** @param remote where datagrams go that are given no address, though the socket is not connected */
  protected constructor(loop: TransportLoop, sock: Socket, protocol: DatagramProtocol, remote: Address = null) {
    const addresses = new AddressBook(sock._ops, sock.family)
    const peer = sock._ops.getpeername(sock.fileno())
    const only = typeof peer === 'number' ? remote : peer
    const packed = only === null ? null : addresses.pack(only)
    if (typeof packed === 'number') throw addressError(packed, 'connect', only)
    super(loop, sock, protocol, null)
    this._addresses = addresses
    this._connected = typeof peer !== 'number'
    this.#remote = packed
  }

  // ---- sending

  /**
   * Sends a datagram, which may be empty. What the system refuses, at once or later, `errorReceived` is told, and the
   * endpoint stays open. Of several in one pass of the loop the first leaves at once, the others together when the pass is
   * over. What the system has no room for is buffered.
   * @param data a string goes as UTF-8; the caller may reuse the memory
   * @param addr needed unless the endpoint has a remote address, which it must equal otherwise. A host must be numeric
   * @throws TypeError, RangeError for another address, or none where one is needed
   */
  sendto(data: Data, addr: Address = null): void {
    const bytes = bytesOf(data)
    const to = this.#destination(addr)
    if (this._connLost !== 0) return this._tooLate()
    if (typeof to === 'number') this._failed(addressError(to, 'sendto', addr), 'write')
    else if (this._queue.count > 0) this._enqueue(bytes === data ? Buffer.from(bytes) : bytes, to)
    else this._send(bytes, to)
  }

  /** Where a datagram goes: null for the socket's own peer, or -errno for what cannot be an address after all. */
  #destination(addr: Address): PackedAddress | null | number {
    if (addr === null || addr === undefined) {
      if (this._connected) return null
      if (this.#remote !== null) return this.#remote
      throw new TypeError('This endpoint has no remote address, so sendto() needs one for each datagram')
    }
    const to = this._addresses.pack(addr)
    if (this.#remote === null && !this._connected) return to
    if (typeof to === 'number' || this.#remote === null || !sameBytes(to, this.#remote)) {
      const only = this.#remote === null ? 'the unnamed peer' : inspect(this.#remote.address)
      throw new RangeError(`Invalid address: must be null or ${only}, not ${inspect(addr)}`)
    }
    return this._connected ? null : this.#remote
  }

  /** Hands a datagram to the system, soon; nothing waits yet. The memory is the caller's. */
  protected abstract _send(bytes: Uint8Array, to: PackedAddress | null): void

  /** Hands over now what `_send` has put off. */
  abstract _flush(): void

  /** The system has no room: tell when it has, by `_drain`. */
  protected abstract _awaitRoom(): void

  /** @param bytes belong to the transport from now on */
  protected _enqueue(bytes: Uint8Array, to: PackedAddress | null): void {
    if (this._queue.count === 0) this._awaitRoom()
    this._queue.push(bytes, to)
    this._maybePauseProtocol()
  }

  /** After the queue has shrunk: may resume the protocol, and end what is closing. */
  protected _shrunk(): void {
    this._maybeResumeProtocol()
    if (this._queue.count > 0 || this._connLost !== 0) return
    this._stopWriting()
    if (!this._closing) return
    this._connLost++
    this._callConnectionLost(null)
  }

  /**
   * Bytes that wait because the system has no room, and 8 for each datagram, as asyncio counts. What was sent in this
   * pass and only waits for its end is handed over first.
   */
  override getWriteBufferSize(): number {
    this._flush()
    return this._queue.size
  }

  protected override _clearWriteBuffer(): void {
    this._queue.clear()
  }

  /** What was sent before leaves. */
  override close(): void {
    this._flush()
    super.close()
  }

  /** @internal */
  override _forceClose(exception: Error | null): void {
    this._flush()
    super._forceClose(exception)
  }

  // ---- receiving

  override resumeReading(): void {
    if (this._closing || !this._paused) return
    super.resumeReading()
    if (this.#held.length > 0) this._loop.callSoon(deliverHeld, this)
  }

  /** @internal */
  _deliverHeld(): void {
    if (this._paused) return
    const held = this.#held
    this.#held = []
    this._deliver(held)
  }

  /** Tells the protocol; what its methods throw is reported, and the next datagram is none the worse. */
  protected _deliver(datagrams: readonly Datagram[]): void {
    if (this.#held.length > 0) {
      // What came before and is still on its way to the protocol comes first.
      this.#held.push(...datagrams)
      return
    }
    for (let index = 0; index < datagrams.length; index++) {
      const { data, address, info } = datagrams[index]!
      if (this._closing) return
      if (this._paused) {
        this.#held.push(...datagrams.slice(index))
        return
      }
      try {
        this._protocol.datagramReceived?.(data, address, info)
      } catch (exception) {
        this._report('datagramReceived', exception as Error)
      }
    }
  }

  /** @internal what came of handing datagrams to the system, or asking for some: only what is no error of the system ends it */
  _failed(error: Error, doing: 'read' | 'write'): void {
    if (!isSystemError(error)) return this._fatalError(error, `Fatal ${doing} error on datagram transport`)
    try {
      this._protocol.errorReceived?.(error)
    } catch (exception) {
      this._report('errorReceived', exception as Error)
    }
  }

  protected _report(method: string, exception: Error): void {
    this._loop.callExceptionHandler({
      message: `Exception in callback ${method}`,
      exception,
      transport: this,
      protocol: this._protocol,
    })
  }

  /** The error of a datagram that was to go to `to`. */
  protected _sendError(result: number, to: PackedAddress | null): Error {
    const address = to?.address as Address
    return to === null ? systemError(result, 'send') : systemError(result, 'sendto', detailsOf(address))
  }
}

function deliverHeld(transport: DatagramSocketTransport): void {
  transport._deliverHeld()
}

function sameBytes(one: PackedAddress, other: PackedAddress): boolean {
  return one === other || Buffer.compare(one.bytes, other.bytes) === 0
}
