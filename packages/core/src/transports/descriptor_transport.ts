import { inspect } from 'node:util'
import type { Address, InetAddress, SocketOps } from '../backend/contract.js'
import type { Future } from '../futures/future.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import { constants } from '../sockets/constants.js'
import { presented } from '../sockets/linux_address.js'
import { Socket } from '../sockets/socket.js'
import { TransportSocket } from '../sockets/transport_socket.js'
import { FlowControlledTransport, mustBeProtocol } from './flow_control.js'
import { warnOfLateWrites } from './late_writes.js'
import type { BaseProtocol } from './protocols.js'
import type { BaseTransport, Transport } from './transport.js'

/** A loop that has transports on descriptors. */
export interface TransportLoop extends BaseEventLoop {
  /** @internal the live transport of a descriptor */ readonly _transports: Map<number, BaseTransport>
}

/** The calls that move the bytes of a stream. */
export type StreamOps = Pick<SocketOps, 'recv' | 'send' | 'sendv'>

/** What a transport owns and closes: a socket, or another descriptor that a stream goes through. */
export interface TransportFile {
  readonly _ops: StreamOps
  /** -1 once it is closed. */
  fileno(): number
  close(): void
}

/** Who is told that a connection of theirs began and ended: the server that accepted it. */
export interface TransportOwner {
  _attach(transport: Transport): void
  _detach(transport: Transport): void
}

/**
 * The life of a transport on a descriptor, a socket unless it says otherwise, and whatever its loop waits with: open,
 * closing (flushing what is buffered), lost. `connectionLost` comes once, whatever ended it, and the descriptor is closed
 * after it. How reading and writing begin and end is the subclass's.
 */
export abstract class DescriptorTransport<F extends TransportFile = Socket> extends FlowControlledTransport {
  /** @internal */ override readonly _loop: TransportLoop
  /** @internal */ readonly _sock: F
  /** @internal */ readonly _fd: number
  /** @internal */ override _protocol: BaseProtocol
  /** @internal `close` was called, or the connection ended otherwise */ _closing = false
  /** @internal not 0 once `connectionLost` is scheduled; then it counts the writes that came too late */ _connLost = 0
  /** @internal */ _paused = false
  readonly #owner: TransportOwner | null
  #sockname: Address | undefined
  readonly #peername: Address
  #facade: TransportSocket | null = null

  protected constructor(loop: TransportLoop, sock: F, protocol: BaseProtocol, owner: TransportOwner | null) {
    mustBeProtocol(protocol)
    super()
    this._loop = loop
    this._sock = sock
    this._fd = sock.fileno()
    this._protocol = protocol
    this.#owner = owner
    // Asked for at once: after a reset the system no longer knows the peer, and logs want it in connectionLost.
    this.#peername = sock instanceof Socket ? nameOr(sock, sock._ops.getpeername(this._fd)) : null
    owner?._attach(this)
    loop._transports.set(this._fd, this)
  }

  /** `'socket'`, `'sockname'` and `'peername'`; the names stay known after the connection is lost. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    if (name === 'peername') return this.#peername
    if (name === 'sockname') return this._ownName()
    const sock: TransportFile = this._sock
    if (name !== 'socket' || !(sock instanceof Socket)) return fallback
    this.#facade ??= new TransportSocket(sock)
    return this.#facade
  }

  override isClosing(): boolean {
    return this._closing
  }

  override isReading(): boolean {
    return !this._closing && !this._paused
  }

  override pauseReading(): void {
    if (this._closing || this._paused) return
    this._paused = true
    this._stopReading()
  }

  override resumeReading(): void {
    if (this._closing || !this._paused) return
    this._paused = false
    this._startReading()
  }

  override close(): void {
    if (this._closing) return
    this._closing = true
    this._stopReading()
    if (this.getWriteBufferSize() > 0) return
    this._connLost++
    this._stopWriting()
    this._loop.callSoon(callConnectionLost, this, null)
  }

  override abort(): void {
    this._forceClose(null)
  }

  /** @internal may throw what the system answers */
  abstract _startReading(): void

  /** @internal */
  abstract _stopReading(): void

  /** @internal */
  abstract _stopWriting(): void

  /** Drops what is buffered. */
  protected abstract _clearWriteBuffer(): void

  /**
   * Calls `connectionMade` in the next pass, and begins to read after it: the last words of a constructor.
   * @param waiter gets its result then
   */
  protected _beginSoon(waiter: Future<void> | null): void {
    this._loop.callSoon(begin, this as AnyTransport, waiter)
  }

  /** @internal */
  _begin(waiter: Future<void> | null): void {
    this._callConnectionMade()
    // First, so that whoever waits has its turn before what may have come already.
    if (waiter !== null && !waiter.done()) waiter.setResult()
    try {
      if (!this._closing && !this._paused) this._startReading()
    } catch (exception) {
      // A descriptor beyond what the mechanism can watch: nothing that goes on with this connection could work.
      this._loop.callExceptionHandler({
        message: 'The loop cannot watch this connection',
        exception: exception as Error,
        transport: this,
        protocol: this._protocol,
      })
      this._forceClose(exception as Error)
    }
  }

  /** Something was written after the connection was lost. */
  protected _tooLate(): void {
    warnOfLateWrites(this, this._connLost++)
  }

  /** @internal */
  override _forceClose(exception: Error | null): void {
    if (this._connLost !== 0) return
    if (this.getWriteBufferSize() > 0) {
      this._clearWriteBuffer()
      this._stopWriting()
    }
    if (!this._closing) {
      this._closing = true
      this._stopReading()
    }
    this._connLost++
    this._loop.callSoon(callConnectionLost, this, exception)
  }

  /** @internal the last thing a protocol hears */
  _callConnectionLost(exception: Error | null): void {
    try {
      this._protocol.connectionLost?.(exception)
    } finally {
      this._freeDescriptor()
      this.#owner?._detach(this)
    }
  }

  /** @internal the loop is closed: the descriptor goes at once, and nobody is called */
  _release(): void {
    this._closing = true
    this._connLost++
    this._clearWriteBuffer()
    this._stopReading()
    this._stopWriting()
    this._freeDescriptor()
  }

  /** Known as long as the descriptor is open, and kept from then on: an idle connection need not hold it. */
  private _ownName(): Address {
    const sock: TransportFile = this._sock
    if (this.#sockname === undefined)
      this.#sockname = sock instanceof Socket ? nameOr(sock, sock._ops.getsockname(this._fd)) : null
    return this.#sockname
  }

  protected _freeDescriptor(): void {
    if (this._sock.fileno() !== -1) this._ownName()
    // Before the number is free to be somebody else's.
    if (this._loop._transports.get(this._fd) === this) this._loop._transports.delete(this._fd)
    this._sock.close()
  }

  [inspect.custom](): string {
    const state = this._sock.fileno() === -1 ? ' closed' : this._closing ? ' closing' : this._paused ? ' paused' : ''
    return `<${this.constructor.name}${state} fd=${this._fd} buffered=${this.getWriteBufferSize()}>`
  }
}

type AnyTransport = DescriptorTransport<TransportFile>

function begin(transport: AnyTransport, waiter: Future<void> | null): void {
  transport._begin(waiter)
}

function callConnectionLost(transport: AnyTransport, exception: Error | null): void {
  transport._callConnectionLost(exception)
}

function nameOr({ family }: Socket, name: Address | number): Address {
  if (typeof name === 'number') return null
  const address = presented(family, name)
  if (family !== constants['AF_INET']) return address
  // Kept as long as the connection: what the system's part makes is larger, and has a string of its own for the family.
  const { host, port } = address as InetAddress
  return { host, port, family: 'IPv4' }
}
