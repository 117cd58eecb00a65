import type { FlowControlledTransport } from '../transports/flow_control.js'
import type { BufferedProtocol } from '../transports/protocols.js'
import type { Greedy } from '../transports/stream_transport.js'

/** A transport that TLS can run over. */
export interface WireTransport extends FlowControlledTransport {
  /** As `writelines`, with memory that is the transport's from now on. */
  _writeOwned(chunks: Uint8Array[]): void
  /** Ends it at once with an error, without a report. */
  _forceClose(exception: Error | null): void
}

/** What the owner of the wire is told, in the loop's turn. */
export interface WireEvents {
  /** The engine is given bytes now, and decrypts what it can. */
  receiving(): void
  /** It has. */
  received(): void
  /** What the transport had buffered has left, down to its low-water mark. */
  drained(): void
  lost(exc: Error | null): void
}

/** Where what arrives goes. */
export interface WireSink {
  /** The bytes are the caller's again afterwards. */
  receive(data: Buffer): void
  /** The peer sends no more. */
  end(): void
}

/**
 * What arrives is received into this, for every connection of the thread: the engine copies it at once. Half as large and twice as
 * large are both slower by a tenth: more calls, or bytes that have left the processor's nearest cache when they are copied.
 */
let incoming: Buffer | undefined
const incomingSize = 32 * 1024
/** The part of it that was filled last: messages of one size need no view each. */
let arrived: Buffer = Buffer.alloc(0)
/** 256 KiB in one turn, as much as asyncio receives at once. */
const mostReads = 8

/** The protocol of the transport that carries TLS: it gives the engine what arrives, while the engine takes it. */
export class WireReader implements BufferedProtocol, Greedy {
  readonly #events: WireEvents
  readonly #sink: WireSink
  #transport: WireTransport | null = null
  #flowing = false
  /** What arrived while it did not take it: what a connection that changes hands had received before. */
  #early: Buffer[] = []
  #ended = false

  constructor(events: WireEvents, sink: WireSink) {
    this.#events = events
    this.#sink = sink
  }

  /** None before `attach`, and after its end. */
  get transport(): WireTransport | null {
    return this.#transport
  }

  /** Takes the transport whose protocol this is. */
  attach(transport: WireTransport): void {
    this.#transport = transport
    if (!this.#flowing) transport.pauseReading()
  }

  pause(): void {
    this.#flowing = false
    this.#transport?.pauseReading()
  }

  resume(): void {
    this.#flowing = true
    const early = this.#early
    this.#early = []
    for (const data of early) this._receive(data)
    if (this.#flowing) this.#transport?.resumeReading()
    this.#tellEnd()
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
    if (!this.#flowing) return void this.#early.push(Buffer.from(data))
    this.#events.receiving()
    try {
      this.#sink.receive(data)
    } finally {
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

  #tellEnd(): void {
    if (!this.#ended || !this.#flowing) return
    this.#ended = false
    this.#sink.end()
  }
}
