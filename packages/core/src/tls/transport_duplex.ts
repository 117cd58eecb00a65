import { Duplex } from 'node:stream'
import type { SocketOps } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import type { FlowControlledTransport } from '../transports/flow_control.js'
import type { BufferedProtocol } from '../transports/protocols.js'
import type { Greedy } from '../transports/stream_transport.js'
import type { StreamWrapper } from './stream_wrapper.js'

/** A transport that TLS can run over. */
export interface WireTransport extends FlowControlledTransport {
  /** As `writelines`, with memory that is the transport's from now on. */
  _writeOwned(chunks: Uint8Array[]): void
  /** Ends it at once with an error, without a report. */
  _forceClose(exception: Error | null): void
}

/** What the owner of the stream is told, in the loop's turn. */
export interface WireEvents {
  /** The engine is given bytes now, and decrypts what it can. */
  receiving(): void
  /** It has. */
  received(): void
  /** What the transport had buffered has left, down to its low-water mark. */
  drained(): void
  lost(exc: Error | null): void
}

type Sent = (error?: Error | null) => void

/**
 * What arrives is received into this, for every connection of the thread: the engine copies it at once. Half as large and twice as
 * large are both slower by a tenth: more calls, or bytes that have left the processor's nearest cache when they are copied.
 */
let incoming: Buffer | undefined
const incomingSize = 32 * 1024
/** The part of it that was filled last: messages of one size need no view each. */
let arrived: Buffer = Buffer.alloc(0)
/** Bytes; less is no burden to the collector. */
const worthReleasing = 4096
/** 256 KiB in one turn, as much as asyncio receives at once. */
const mostReads = 8

/**
 * What `node:tls` reads encrypted bytes from and writes them to: a transport, seen as a stream. It is that transport's
 * protocol. It never fails as a stream: how the connection ended is told to its owner alone.
 *
 * It is a stream by its outside only. The transport and the engine have buffers and flow control of their own, and a
 * third set between them cost a quarter of what a small message costs; so bytes pass straight through.
 */
export class TransportDuplex extends Duplex implements BufferedProtocol, Greedy {
  readonly #events: WireEvents
  readonly #ops: SocketOps = currentBackend().sockets
  #transport: WireTransport | null = null
  /** Whether the engine takes what arrives. */
  #flowing = false
  /** What arrived while it did not: what a connection that changes hands had received before. */
  #early: Buffer[] = []
  #ended = false
  #corked = false
  #chunks: Uint8Array[] = []
  #wrapper: StreamWrapper | null = null
  /** The engine's current write, which the wrapper is to be told the end of. */
  #request: object | null = null
  #depth = 0

  constructor(events: WireEvents) {
    super()
    this.#events = events
  }

  /** @internal the transport whose protocol this is */
  _attach(transport: WireTransport): void {
    this.#transport = transport
    if (!this.#flowing) transport.pauseReading()
    this._enter()
    this.#flush()
    this._leave()
  }

  /** @internal bytes and the ends of writes go through `wrapper`, and no longer through what Node has put before it */
  _goPast(wrapper: StreamWrapper): void {
    this.#wrapper = wrapper
    wrapper.onwrite = (request, chunks) => {
      if (this.#transport === null) this.#chunks.push(...chunks)
      else this.#send(this.#transport, chunks)
      this.#release(chunks)
      this.#request = request
      // The engine writes of itself, in a turn of the host.
      if (this.#depth === 0) setImmediate(() => this.#finishWrite())
      return 0
    }
  }

  // ---- the transport's side

  getBuffer(): Buffer {
    incoming ??= Buffer.allocUnsafeSlow(incomingSize)
    return incoming
  }

  bufferUpdated(count: number): void {
    if (arrived.length !== count) arrived = incoming!.subarray(0, count)
    this._receive(arrived)
  }

  /** @internal */
  get _mostReads(): number {
    return mostReads
  }

  /** @internal bytes for the engine; they are the caller's again afterwards */
  _receive(data: Buffer): void {
    if (this.destroyed) return
    if (!this.#flowing) return void this.#early.push(Buffer.from(data))
    this.#events.receiving()
    this._enter()
    try {
      if (this.#wrapper === null) this.emit('data', data)
      else this.#wrapper.readBuffer(data)
    } finally {
      this._leave()
      this.#events.received()
    }
  }

  /** The transport stays open: TLS has its own end to send. */
  eofReceived(): boolean {
    this.#ended = true
    this.#tellEnd()
    return true
  }

  resumeWriting(): void {
    this.#events.drained()
  }

  connectionLost(exc: Error | null): void {
    this.#transport = null
    this.#events.lost(exc)
  }

  // ---- the stream's side

  override pause(): this {
    this.#flowing = false
    this.#transport?.pauseReading()
    return this
  }

  override resume(): this {
    this.#flowing = true
    const early = this.#early
    this.#early = []
    for (const data of early) this._receive(data)
    if (this.#flowing) this.#transport?.resumeReading()
    this.#tellEnd()
    return this
  }

  override cork(): void {
    this.#corked = true
  }

  override uncork(): void {
    this.#corked = false
    this.#flush()
  }

  /** The transport takes everything: who writes is told by the transport's own flow control when it was too much. */
  override write(chunk: Uint8Array, sent?: Sent | BufferEncoding): boolean {
    this.#chunks.push(chunk)
    if (!this.#corked) this.#flush()
    if (typeof sent === 'function') sent()
    return true
  }

  /** Nothing comes this way: `write` hands everything on. */
  override _write(_chunk: unknown, _encoding: BufferEncoding, sent: Sent): void {
    sent()
  }

  /** The engine has its first message before there is a transport for it. */
  #flush(): void {
    const transport = this.#transport
    const chunks = this.#chunks
    if (transport === null || chunks.length === 0) return
    this.#chunks = []
    this.#send(transport, chunks)
  }

  #send(transport: WireTransport, chunks: Uint8Array[]): void {
    if (transport.isClosing()) return
    try {
      transport._writeOwned(chunks)
    } catch (error) {
      // Whoever kept the plain transport has ended its writing half: no TLS can go on over that.
      transport._forceClose(error as Error)
    }
  }

  /**
   * The wrapper makes a copy of each write, and nobody else ever sees it. Left to the collector these make most of its work: a
   * twentieth of what a message of 16 KiB costs on Node 20, more than a quarter on Node 24.
   */
  #release(chunks: readonly Uint8Array[]): void {
    // Otherwise the transport still has some of it.
    if (this.#transport?.getWriteBufferSize() !== 0) return
    for (const bytes of chunks) if (bytes.length >= worthReleasing) this.#ops.release(bytes)
  }

  #tellEnd(): void {
    if (!this.#ended || !this.#flowing || this.destroyed) return
    this.#ended = false
    this.emit('end')
  }

  // ---- the end of writes

  /**
   * @internal What may make the engine write is called between `_enter` and `_leave`. It must not hear of the end of a write
   * while it writes; when the call has returned it may.
   */
  _enter(): void {
    this.#depth++
  }

  /** @internal */
  _leave(): void {
    // The end of one write can be the beginning of the next.
    if (this.#depth === 1) while (this.#request !== null) this.#finishWrite()
    this.#depth--
  }

  #finishWrite(): void {
    const request = this.#request
    this.#request = null
    if (request !== null) this.#wrapper!.finishWrite(request, 0)
  }
}
