import { inspect } from 'node:util'
import { LoopError, NotImplementedError, TimeoutError } from '../errors/index.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { TimerHandle } from '../loop/timer_handle.js'
import { bytesOf } from '../sockets/data.js'
import type { Socket } from '../sockets/socket.js'
import type { TransportOwner } from '../transports/descriptor_transport.js'
import { FlowControlledTransport } from '../transports/flow_control.js'
import { warnOfLateWrites } from '../transports/late_writes.js'
import type { BaseProtocol, StreamingProtocol } from '../transports/protocols.js'
import type { Data, WriteBufferLimits } from '../transports/transport.js'
import { Delivery } from './delivery.js'
import { Engine } from './engine.js'
import { handshakeCutByPeer, handshakeCutByUs, handshakeTooSlow } from './handshake_errors.js'
import type { TlsSettings } from './tls_settings.js'
import { Transmission } from './transmission.js'
import type { WireReader, WireTransport } from './wire_reader.js'

/** Encryption works on large records: a quarter of what is buffered is in flight at any time. */
const usualHigh = 512 * 1024

export interface TlsJoin {
  loop: BaseEventLoop
  protocol: StreamingProtocol
  settings: TlsSettings
  /** The transport under it, whose protocol is `reader` from now on. */
  wire(reader: WireReader): WireTransport
  /** That of the transport, where nothing waits to be sent through it. */
  sock: Socket | null
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
  readonly #engine: Engine
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
  #transmission: Transmission | null = null
  #lateWrites = 0
  #writingEnded = false

  /** @internal use the loop's methods. @throws what `node:tls` throws for wrong options; then nothing was taken over */
  constructor({ loop, protocol, settings, wire, sock, announce, done, owner = null }: TlsJoin) {
    super()
    this._loop = loop
    this._protocol = protocol
    this.#settings = settings
    this.#announce = announce
    this.#done = done
    this.#owner = owner
    this.#delivery = new Delivery(this)
    this.#engine = new Engine(settings, sock, {
      receiving: () => this.#delivery.hold(),
      received: () => this.#delivery.release(),
      drained: () => this.#drained(),
      lost: (exc) => this.#wireLost(exc),
      secured: () => this.#soon(() => this.#secured()),
      failed: (error) => this.#failed(error),
      decrypted: (data) => {
        if (!this.#closing) this.#delivery.push(data)
      },
      ended: () => this.#peerEnded(),
      finished: () => {
        this.#finished = true
        this.#maybeCloseWire()
      },
      closed: () => this.#wire?.close(),
    })
    const { handshakeTimeout } = settings
    this.#timer = loop.callLater(handshakeTimeout, () => this.#failed(handshakeTooSlow(handshakeTimeout)))
    try {
      this.#wire = this.#engine.attach(wire)
    } catch (error) {
      this.#timer.cancel()
      this.#engine.socket.destroy()
      throw error
    }
    // Who was told to stop writing has to be told to go on, by this transport now.
    this._protocolPaused = this.#wire._protocolPaused
    this.#limitWire()
    owner?._attach(this)
  }

  // ---- the handshake

  #secured(): void {
    if (this.#established || this.#closing || this.#lost) return
    this.#established = true
    this.#timer.cancel()
    this.#engine.noteSession()
    if (this.#announce) this._callConnectionMade()
    this.#settle(null)
    // After the code that waits for the handshake went on: it may set another protocol first.
    this.#soon(() => this.#beginDelivery())
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
    if (this._loop.isClosed()) return void this.#engine.socket.destroy()
    this.#delivery.clear()
    const late = () => this._forceClose(new TimeoutError('SSL shutdown timed out'))
    this.#timer = this._loop.callLater(this.#settings.shutdownTimeout, late)
    this.#engine.end()
    this.#maybeCloseWire()
  }

  /**
   * @internal says close_notify after what was written, and goes on reading: sockets of Node's have halves over TLS, which
   * asyncio's transports have not. See `HalfOpen`.
   */
  _endWriting(): void {
    if (this.#closing || this.#writingEnded) return
    this.#writingEnded = true
    this.#engine.endWriting()
  }

  override abort(): void {
    this._forceClose(null)
  }

  /** @internal */
  override _forceClose(exception: Error | null): void {
    if (this.#lost) return
    this.#closing = true
    this.#timer.cancel()
    this.#delivery.clear()
    this.#wire?._forceClose(exception)
    this.#engine.socket.destroy()
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
    this.#transmission?.proceed(0)
    this.#engine.socket.destroy()
    try {
      // A protocol whose connection was never made does not lose it.
      if (this.#established || !this.#announce) this._protocol.connectionLost?.(exc)
    } finally {
      this.#owner?._detach(this)
    }
  }

  // ---- reading

  override isReading(): boolean {
    return !this.#closing && !this.#delivery.paused
  }

  /** @internal whether the protocol is still to be told what came: until `close`, whatever becomes of the connection */
  get _delivers(): boolean {
    return !this.#closing
  }

  override pauseReading(): void {
    if (this.#closing || this.#delivery.paused) return
    this.#delivery.pause()
  }

  override resumeReading(): void {
    if (this.#closing || !this.#delivery.paused) return
    this.#delivery.resume()
  }

  /** @internal */
  _throttleEngine(stopped: boolean): void {
    if (stopped) this.#engine.pause()
    else this.#engine.resume()
  }

  /** Bytes that were decrypted and not delivered yet, because reading is paused. */
  getReadBufferSize(): number {
    return this.#delivery.size
  }

  /** Its water marks, in bytes. asyncio: `get_read_buffer_limits`. */
  getReadBufferLimits(): WriteBufferLimits {
    return this.#delivery.limits
  }

  /**
   * When the transport under this one is paused, and when it goes on, while this one's reading is paused.
   * @param limits in bytes, as those of `setWriteBufferLimits`; 256 KiB and a quarter of it
   */
  setReadBufferLimits(limits: Partial<WriteBufferLimits> = {}): void {
    this.#delivery.setLimits(limits)
  }

  // ---- writing

  override write(data: Data): void {
    const bytes = bytesOf(data)
    this.#mustBeWritable('write')
    if (bytes.length === 0) return
    // A string's bytes were made for this call; others are the caller's to reuse.
    this.#send(bytes, bytes !== data)
  }

  override writelines(chunks: Iterable<Data>): void {
    const bytes = Buffer.concat(Array.from(chunks, bytesOf))
    this.#mustBeWritable('writelines')
    if (bytes.length > 0) this.#send(bytes, true)
  }

  /** @internal as `writelines`, with memory that is the transport's from now on; TLS that runs over this one */
  _writeOwned(chunks: Uint8Array[]): void {
    this.#mustBeWritable('write')
    for (const bytes of chunks) this.#send(bytes, true)
  }

  #send(bytes: Uint8Array, owned: boolean): void {
    if (this.isClosing() || this.#writingEnded) return warnOfLateWrites(this, this.#lateWrites++)
    const length = bytes.length
    this.#unsent += length
    this.#engine.write(owned || this.#engine.idle ? bytes : Buffer.from(bytes), () => this.#sent(length))
    this._maybePauseProtocol()
  }

  /** In the host's turn, or within the call of `#send`. */
  #sent(length: number): void {
    this.#unsent -= length
    if (this._protocolPaused && !this.#closing) this.#soon(() => this._maybeResumeProtocol())
  }

  /** As that of other transports; 512 KiB and a quarter of it if nothing is said. */
  override setWriteBufferLimits(limits: Partial<WriteBufferLimits> = {}): void {
    super.setWriteBufferLimits(limits)
    this.#limitWire()
  }

  /** So that the wire tells of it when what is buffered there falls to this transport's low-water mark. */
  #limitWire(): void {
    const { low } = this.getWriteBufferLimits()
    this.#wire?.setWriteBufferLimits({ high: low, low })
  }

  /** @internal */
  override get _usualHigh(): number {
    return usualHigh
  }

  /** @internal until `_releaseWriting` nobody else may write */
  _holdWriting(): Transmission {
    this.#mustBeWritable('sendfile')
    this.#transmission = new Transmission(this, this.#engine)
    return this.#transmission
  }

  /** @internal */
  _releaseWriting(): void {
    this.#transmission = null
  }

  #mustBeWritable(method: string): void {
    if (this.#transmission !== null)
      throw new LoopError(`Cannot call ${method}(): sendfile is in progress`, 'ERR_LOOP_STATE')
  }

  #drained(): void {
    this.#transmission?.proceed(this.getWriteBufferLimits().low)
    // Before the handshake is over the protocol has nothing to write to; it is told then.
    if (this.#established) this._maybeResumeProtocol()
  }

  /** @internal */
  override _maybeResumeProtocol(): void {
    if (!this.#lost) super._maybeResumeProtocol()
  }

  /** What is not encrypted yet, and what the transport under this one has buffered. */
  override getWriteBufferSize(): number {
    return this.#unsent + (this.#wire?.getWriteBufferSize() ?? 0)
  }

  override canWriteEof(): boolean {
    return false
  }

  /**
   * Refused.
   * @throws NotImplementedError: TLS connections have no halves here
   */
  override writeEof(): void {
    throw new NotImplementedError('writeEof()', this.constructor.name, 'close() the connection, which ends both halves')
  }

  // ---- who and what

  /**
   * `'sslcontext'`, `'sslObject'` (the `TLSSocket`), `'cipher'` and `'peercert'` as `node:tls` gives them,
   * `'compression'` (null: there is none); else what the transport under it tells, as long as there is one.
   */
  override getExtraInfo(name: string, fallback?: unknown): any {
    switch (name) {
      case 'sslcontext':
        return this.#settings.context
      case 'sslObject':
        return this.#engine.socket
      case 'cipher':
        return this.#engine.cipher ?? fallback
      case 'peercert':
        return this.#engine.peercert ?? fallback
      case 'compression':
        return this.#established ? null : fallback
    }
    return this.#wire === null ? fallback : this.#wire.getExtraInfo(name, fallback)
  }

  /** Also when the one under it is: what ended that is told later, and until then somebody may write in a loop. */
  override isClosing(): boolean {
    return this.#closing || (this.#wire?.isClosing() ?? true)
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
