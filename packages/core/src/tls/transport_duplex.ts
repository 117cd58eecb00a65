import { Duplex } from 'node:stream'
import type { FlowControlledTransport } from '../transports/flow_control.js'
import type { ReadSlab } from '../transports/inbox.js'
import type { BufferedProtocol } from '../transports/protocols.js'

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
 * What `node:tls` reads encrypted bytes from and writes them to: a transport, seen as a stream. It is that transport's
 * protocol. It never fails as a stream: how the connection ended is told to its owner alone.
 *
 * It is a stream by its outside only. The transport and the engine have buffers and flow control of their own, and a
 * third set between them cost a quarter of what a small message costs; so bytes pass straight through.
 */
export class TransportDuplex extends Duplex implements BufferedProtocol {
  readonly #events: WireEvents
  readonly #slab: ReadSlab
  #transport: WireTransport | null = null
  /** Whether the engine takes what arrives. */
  #flowing = false
  /** What arrived while it did not: what a connection that changes hands had received before. */
  #early: Buffer[] = []
  #ended = false
  #corked = false
  #chunks: Uint8Array[] = []
  /** Of the write with which a client's engine begins, before anything else is known. */
  #first: Sent[] = []
  /** Ends the engine's current write; null where only what `write` is given can. */
  #complete: (() => void) | null = null
  #incomplete = false
  #depth = 0

  /** @param slab what arrives is received into it, and the engine copies it at once */
  constructor(events: WireEvents, slab: ReadSlab) {
    super()
    this.#events = events
    this.#slab = slab
  }

  /** @internal the transport whose protocol this is */
  _attach(transport: WireTransport): void {
    this.#transport = transport
    if (!this.#flowing) transport.pauseReading()
    this._enter()
    this.#flush()
    this._leave()
  }

  /** @internal how to end the engine's current write, once no call of the engine's is on the stack */
  _completeBy(complete: (() => void) | null): void {
    this.#complete = complete
    if (complete === null) for (const sent of this.#first) sent()
    else this.#incomplete = this.#first.length > 0
    this.#first = []
  }

  // ---- the transport's side

  getBuffer(): Buffer {
    return this.#slab.bytes
  }

  bufferUpdated(count: number): void {
    this._receive(this.#slab.bytes.subarray(0, count))
  }

  /** @internal bytes for the engine; they are the caller's again afterwards */
  _receive(data: Buffer): void {
    if (this.destroyed) return
    if (!this.#flowing) return void this.#early.push(Buffer.from(data))
    this.#events.receiving()
    this._enter()
    try {
      this.emit('data', data)
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
    if (this.#complete !== null && this.#depth > 0) this.#incomplete = true
    else if (typeof sent === 'function') {
      if (this.#transport === null) this.#first.push(sent)
      else sent()
    }
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
    if (transport.isClosing()) return
    try {
      transport._writeOwned(chunks)
    } catch (error) {
      // Whoever kept the plain transport has ended its writing half: no TLS can go on over that.
      transport._forceClose(error as Error)
    }
  }

  #tellEnd(): void {
    if (!this.#ended || !this.#flowing || this.destroyed) return
    this.#ended = false
    this.emit('end')
  }

  // ---- the end of writes

  /**
   * @internal What may make the engine write is called between `_enter` and `_leave`. Node's wrapper of a stream tells
   * the engine in a later turn of the host that a write has ended, as the engine must not hear it while it writes. When
   * the call has returned it may.
   */
  _enter(): void {
    this.#depth++
  }

  /** @internal */
  _leave(): void {
    if (this.#depth > 1) {
      this.#depth--
      return
    }
    // The end of one write can be the beginning of the next.
    while (this.#incomplete) {
      this.#incomplete = false
      this.#complete!()
    }
    this.#depth--
  }
}
