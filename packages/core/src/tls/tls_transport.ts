import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { isSystemError, LoopError, NotImplementedError, TimeoutError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { TimerHandle } from '../loop/timer_handle.js'
import { bytesOf } from '../sockets/data.js'
import type { TransportOwner } from '../transports/descriptor_transport.js'
import { FlowControlledTransport } from '../transports/flow_control.js'
import type { BaseProtocol, StreamingProtocol } from '../transports/protocols.js'
import { connectionClosed } from '../transports/selector_socket_transport.js'
import type { Data } from '../transports/transport.js'
import { Delivery } from './delivery.js'
import { handshakeCutByPeer, handshakeCutByUs, handshakeTooSlow } from './handshake_errors.js'
import type { TlsSettings } from './tls_settings.js'
import { tlsSocket } from './tls_socket.js'
import { TransportDuplex, type WireTransport } from './transport_duplex.js'

/** Encryption works on large records: a quarter of what is buffered is in flight at any time. */
const defaultHigh = 512 * 1024
const lateWritesBeforeWarning = 5

export interface TlsJoin {
  loop: BaseEventLoop
  protocol: StreamingProtocol
  settings: TlsSettings
  /** The transport under it, whose protocol is the stream from now on. */
  wire(stream: TransportDuplex): WireTransport
  /** Whether the protocol hears `connectionMade`: not where its connection was made before. */
  announce: boolean
  /** Called once: the handshake is over, or with what ended it. */
  done(error: Error | null): void
  owner?: TransportOwner | null
}

/**
 * TLS over another transport, by `node:tls`. asyncio: `_SSLProtocolTransport`.
 *
 * The engine's events come in the host's turns; a protocol is called in the loop's. It ends in this order: what was
 * written leaves, then close_notify; when the peer has ended too, the transport under it closes, and that one's end is
 * the end of this.
 */
export class TlsTransport extends FlowControlledTransport {
  /** @internal */ override readonly _loop: BaseEventLoop
  /** @internal */ override _protocol: BaseProtocol
  readonly #settings: TlsSettings
  readonly #socket: TLSSocket
  readonly #delivery: Delivery
  readonly #announce: boolean
  readonly #owner: TransportOwner | null
  #done: ((error: Error | null) => void) | null
  #wire: WireTransport | null = null
  #timer: TimerHandle
  #established = false
  #closing = false
  #lost = false
  /** The engine has sent its end / has seen the peer's. */
  #finished = false
  #ended = false
  #unsent = 0
  #held = false
  #lateWrites = 0
  #cipher: unknown
  #peercert: unknown

  /** @internal use the loop's methods. @throws what `node:tls` throws for wrong options; then nothing was taken over */
  constructor({ loop, protocol, settings, wire, announce, done, owner = null }: TlsJoin) {
    super()
    this._loop = loop
    this._protocol = protocol
    this.#settings = settings
    this.#announce = announce
    this.#done = done
    this.#owner = owner
    this.setWriteBufferLimits({ high: defaultHigh })
    this.#delivery = new Delivery(this)
    const stream = new TransportDuplex({
      receiving: () => this.#delivery.hold(),
      received: () => this.#delivery.release(),
      lost: (exc) => this.#wireLost(exc),
    })
    this.#socket = this.#engine(stream)
    try {
      this.#wire = wire(stream)
    } catch (error) {
      this.#socket.destroy()
      throw error
    }
    // Who was told to stop writing has to be told to go on, by this transport now.
    this._protocolPaused = this.#wire._protocolPaused
    stream._attach(this.#wire)
    const { handshakeTimeout } = settings
    this.#timer = loop.callLater(handshakeTimeout, () => this.#failed(handshakeTooSlow(handshakeTimeout)))
    owner?._attach(this)
  }

  #engine(stream: TransportDuplex): TLSSocket {
    const socket = tlsSocket(stream, this.#settings, {
      secured: () => this.#soon(() => this.#secured()),
      failed: (error) => this.#failed(error),
    })
    socket.on('data', (data: Buffer) => {
      if (!this.#closing) this.#delivery.push(data)
    })
    socket.on('end', () => this.#peerEnded())
    socket.on('finish', () => {
      this.#finished = true
      this.#maybeCloseWire()
    })
    socket.on('close', () => this.#wire?.close())
    return socket
  }

  // ---- the handshake

  #secured(): void {
    if (this.#established || this.#closing || this.#lost) return
    this.#established = true
    this.#timer.cancel()
    this.#cipher = this.#socket.getCipher()
    this.#peercert = this.#socket.getPeerCertificate()
    if (this.#announce) this.#connectionMade()
    this.#settle(null)
    // After the code that waits for the handshake went on: it may set another protocol first.
    this.#soon(() => this.#beginDelivery())
  }

  #connectionMade(): void {
    try {
      this._protocol.connectionMade?.(this)
    } catch (exception) {
      this._loop.callExceptionHandler({
        message: 'Exception in callback connectionMade',
        exception: exception as Error,
        transport: this,
        protocol: this._protocol,
      })
    }
  }

  #beginDelivery(): void {
    if (this.#lost) return
    this.#delivery.begin()
    this._maybeResumeProtocol()
  }

  #settle(error: Error | null): void {
    const done = this.#done
    this.#done = null
    done?.(error)
  }

  // ---- its end

  #peerEnded(): void {
    this.#ended = true
    if (this.#closing) return this.#maybeCloseWire()
    if (this.#established) this.#delivery.end()
    // What made the handshake succeed may still wait for its turn in the loop.
    else this.#soon(() => this.#endDuringHandshake())
  }

  #endDuringHandshake(): void {
    if (this.#established) this.#delivery.end()
    else this.#failed(handshakeCutByPeer())
  }

  #failed(error: Error): void {
    if (this.#lost) return
    this.#settle(error)
    this._forceClose(error)
  }

  /** Flushes what is buffered, says close_notify and waits for the peer's. During the handshake it aborts. */
  override close(): void {
    if (this.#closing) return
    if (!this.#established) return this.abort()
    this.#closing = true
    // It has no turns left to wait for the peer in, and has closed the socket itself.
    if (this._loop.isClosed()) return void this.#socket.destroy()
    this.#delivery.clear()
    const late = () => this._forceClose(new TimeoutError('SSL shutdown timed out'))
    this.#timer = this._loop.callLater(this.#settings.shutdownTimeout, late)
    this.#socket.end()
    // The peer's end comes after what it sent before, which nobody wants any more.
    this.#socket.resume()
  }

  override abort(): void {
    this._forceClose(null)
  }

  /** @internal */
  _forceClose(exception: Error | null): void {
    if (this.#lost) return
    this.#closing = true
    this.#timer.cancel()
    this.#delivery.clear()
    this.#wire?._forceClose(exception)
    this.#socket.destroy()
  }

  #maybeCloseWire(): void {
    if (this.#finished && this.#ended) this.#wire?.close()
  }

  /** The transport under it is gone. */
  #wireLost(exc: Error | null): void {
    this.#wire = null
    this.#timer.cancel()
    if (this.#established) this._loop.callSoon(() => this.#finish(exc))
    else {
      this.#settle(exc ?? (this.#closing ? handshakeCutByUs() : handshakeCutByPeer()))
      this.#finish(exc)
    }
  }

  #finish(exc: Error | null): void {
    this.#lost = true
    this.#closing = true
    this.#socket.destroy()
    try {
      // A protocol whose connection was never made does not lose it.
      if (this.#established || !this.#announce) this._protocol.connectionLost?.(exc)
    } finally {
      this.#owner?._detach(this)
    }
  }

  /** @internal an error of the protocol's; what the network does is everyday and not reported */
  _fatalError(exception: Error, message: string): void {
    if (!isSystemError(exception)) {
      this._loop.callExceptionHandler({ message, exception, transport: this, protocol: this._protocol })
    }
    this._forceClose(exception)
  }

  // ---- reading

  override isReading(): boolean {
    return !this.#closing && !this.#delivery.paused
  }

  override pauseReading(): void {
    if (this.#closing || this.#delivery.paused) return
    this.#delivery.pause()
    this.#socket.pause()
  }

  override resumeReading(): void {
    if (this.#closing || !this.#delivery.paused) return
    this.#delivery.resume()
    this.#socket.resume()
  }

  // ---- writing

  override write(data: Data): void {
    const bytes = bytesOf(data)
    this.#mustBeWritable('write')
    if (bytes.length === 0) return
    // A string's bytes were made for this call; others are the caller's to reuse.
    this.#send(bytes === data ? Buffer.from(bytes) : bytes)
  }

  override writelines(chunks: Iterable<Data>): void {
    const bytes = Buffer.concat(Array.from(chunks, bytesOf))
    this.#mustBeWritable('writelines')
    if (bytes.length > 0) this.#send(bytes)
  }

  #send(bytes: Uint8Array): void {
    if (this.#closing) return this.#tooLate()
    this.#unsent += bytes.length
    this.#socket.write(bytes, () => {
      this.#unsent -= bytes.length
      if (this._protocolPaused && !this.#closing) this.#soon(() => this._maybeResumeProtocol())
    })
    this._maybePauseProtocol()
  }

  /** @internal until `_releaseWriting` only `_transmit` may write */
  _holdWriting(): void {
    this.#mustBeWritable('sendfile')
    this.#held = true
  }

  /** @internal */
  _releaseWriting(): void {
    this.#held = false
  }

  /** @internal done when it is encrypted and has left for the transport under this one; `bytes` are free then */
  _transmit(bytes: Uint8Array): Future<void> {
    const taken = this._loop.createFuture<void>()
    if (this.#closing) taken.setException(connectionClosed())
    else {
      this.#socket.write(bytes, (error) => {
        if (taken.done() || this._loop.isClosed()) return
        if (error || this.#closing) taken.setException(connectionClosed())
        else taken.setResult()
      })
    }
    return taken
  }

  #mustBeWritable(method: string): void {
    if (this.#held) throw new LoopError(`Cannot call ${method}(): sendfile is in progress`, 'ERR_LOOP_STATE')
  }

  #tooLate(): void {
    if (this.#lateWrites++ !== lateWritesBeforeWarning) return
    process.emitWarning(
      `${lateWritesBeforeWarning} writes to a closed TLS connection were dropped; a protocol is told by connectionLost()`,
      { type: 'LostConnectionWarning', code: 'LOOP_LOST_CONNECTION', detail: inspect(this) },
    )
  }

  /** @internal */
  override _maybeResumeProtocol(): void {
    if (!this.#lost) super._maybeResumeProtocol()
  }

  override getWriteBufferSize(): number {
    return this.#unsent
  }

  override canWriteEof(): boolean {
    return false
  }

  /** @throws NotImplementedError: TLS connections have no halves here */
  override writeEof(): void {
    throw new NotImplementedError('writeEof()', this.constructor.name, 'close() the connection, which ends both halves')
  }

  // ---- who and what

  /**
   * `'sslcontext'`, `'sslObject'` (the `TLSSocket`), `'cipher'` and `'peercert'` as `node:tls` gives them,
   * `'compression'` (null: there is none); else what the transport under it tells, as long as there is one.
   */
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    switch (name) {
      case 'sslcontext':
        return this.#settings.context
      case 'sslObject':
        return this.#socket
      case 'cipher':
        return this.#cipher ?? fallback
      case 'peercert':
        return this.#peercert ?? fallback
      case 'compression':
        return this.#established ? null : fallback
    }
    return this.#wire === null ? fallback : this.#wire.getExtraInfo(name, fallback)
  }

  override isClosing(): boolean {
    return this.#closing
  }

  override getProtocol(): BaseProtocol {
    return this._protocol
  }

  override setProtocol(protocol: BaseProtocol): void {
    if (typeof protocol !== 'object' || protocol === null) {
      throw new TypeError(`A protocol must be an object, not ${inspect(protocol)}`)
    }
    this._protocol = protocol
  }

  /** @internal calls it in the loop's turn; a closed loop has none */
  #soon(callback: () => void): void {
    if (!this._loop.isClosed()) this._loop.callSoon(callback)
  }

  [inspect.custom](): string {
    const state = this.#lost ? ' closed' : this.#closing ? ' closing' : this.#established ? '' : ' handshake'
    return `<${this.constructor.name}${state} buffered=${this.#unsent} over ${inspect(this.#wire, { depth: 0 })}>`
  }
}
