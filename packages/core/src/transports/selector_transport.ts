import { inspect } from 'node:util'
import type { Address, SocketOps } from '../backend/contract.js'
import { isSystemError } from '../errors/index.js'
import type { SelectorEventLoop } from '../loop/selector_event_loop.js'
import { Socket } from '../sockets/socket.js'
import { TransportSocket } from '../sockets/transport_socket.js'
import { FlowControlledTransport } from './flow_control.js'
import type { BaseProtocol } from './protocols.js'
import type { Transport } from './transport.js'

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
 * The life of a transport on a descriptor of a selector loop, a socket unless it says otherwise: open, closing (flushing
 * what is buffered), lost. `connectionLost` comes once, whatever ended it, and the descriptor is closed after it.
 * asyncio: `_SelectorTransport`.
 */
export abstract class SelectorTransport<F extends TransportFile = Socket> extends FlowControlledTransport {
  /** @internal */ override readonly _loop: SelectorEventLoop
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

  protected constructor(loop: SelectorEventLoop, sock: F, protocol: BaseProtocol, owner: TransportOwner | null) {
    super()
    this._loop = loop
    this._sock = sock
    this._fd = sock.fileno()
    this._protocol = protocol
    this.#owner = owner
    // Asked for at once: after a reset the system no longer knows the peer, and logs want it in connectionLost.
    this.#peername = sock instanceof Socket ? nameOr(sock._ops.getpeername(this._fd)) : null
    owner?._attach(this)
    loop._transports.set(this._fd, this)
  }

  /** `'socket'`, `'sockname'` and `'peername'`; the names stay known after the connection is lost. */
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    if (name === 'peername') return this.#peername
    if (name === 'sockname') return this.#ownName()
    const sock: TransportFile = this._sock
    if (name !== 'socket' || !(sock instanceof Socket)) return fallback
    this.#facade ??= new TransportSocket(sock)
    return this.#facade
  }

  override getProtocol(): BaseProtocol {
    return this._protocol
  }

  /** Switches who is called back; nothing is repeated for the new one, `connectionMade` neither. */
  override setProtocol(protocol: BaseProtocol): void {
    if (typeof protocol !== 'object' || protocol === null) {
      throw new TypeError(`A protocol must be an object, not ${inspect(protocol)}`)
    }
    this._protocol = protocol
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
    this._loop._removeReader(this._fd)
  }

  override resumeReading(): void {
    if (this._closing || !this._paused) return
    this._paused = false
    this._startReading()
  }

  override close(): void {
    if (this._closing) return
    this._closing = true
    this._loop._removeReader(this._fd)
    if (this.getWriteBufferSize() > 0) return
    this._connLost++
    this._loop._removeWriter(this._fd)
    this._loop.callSoon(callConnectionLost, this, null)
  }

  override abort(): void {
    this._forceClose(null)
  }

  /** @internal */
  abstract _startReading(): void

  /** Drops what is buffered. */
  protected abstract _clearWriteBuffer(): void

  /** @internal an error that ends the connection; what the network does is everyday and not reported */
  _fatalError(exception: Error, message: string): void {
    if (!isSystemError(exception)) {
      this._loop.callExceptionHandler({ message, exception, transport: this, protocol: this._protocol })
    }
    this._forceClose(exception)
  }

  /** @internal */
  _forceClose(exception: Error | null): void {
    if (this._connLost !== 0) return
    if (this.getWriteBufferSize() > 0) {
      this._clearWriteBuffer()
      this._loop._removeWriter(this._fd)
    }
    if (!this._closing) {
      this._closing = true
      this._loop._removeReader(this._fd)
    }
    this._connLost++
    this._loop.callSoon(callConnectionLost, this, exception)
  }

  /** @internal the last thing a protocol hears */
  _callConnectionLost(exception: Error | null): void {
    try {
      this._protocol.connectionLost?.(exception)
    } finally {
      this.#freeDescriptor()
      this.#owner?._detach(this)
    }
  }

  /** @internal the loop is closed: the descriptor goes at once, and nobody is called */
  _release(): void {
    this._closing = true
    this._connLost++
    this._clearWriteBuffer()
    this._loop._removeReader(this._fd)
    this._loop._removeWriter(this._fd)
    this.#freeDescriptor()
  }

  /** Known as long as the descriptor is open, and kept from then on: an idle connection need not hold it. */
  #ownName(): Address {
    const sock: TransportFile = this._sock
    if (this.#sockname === undefined)
      this.#sockname = sock instanceof Socket ? nameOr(sock._ops.getsockname(this._fd)) : null
    return this.#sockname
  }

  #freeDescriptor(): void {
    if (this._sock.fileno() !== -1) this.#ownName()
    // Before the number is free to be somebody else's.
    if (this._loop._transports.get(this._fd) === this) this._loop._transports.delete(this._fd)
    this._sock.close()
  }

  [inspect.custom](): string {
    const state = this._sock.fileno() === -1 ? ' closed' : this._closing ? ' closing' : this._paused ? ' paused' : ''
    return `<${this.constructor.name}${state} fd=${this._fd} buffered=${this.getWriteBufferSize()}>`
  }
}

function callConnectionLost(transport: SelectorTransport<TransportFile>, exception: Error | null): void {
  transport._callConnectionLost(exception)
}

function nameOr(name: Address | number): Address {
  return typeof name === 'number' ? null : name
}
