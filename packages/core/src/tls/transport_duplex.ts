import { Duplex } from 'node:stream'
import type { FlowControlledTransport } from '../transports/flow_control.js'
import type { Protocol } from '../transports/protocols.js'

/** A transport that TLS can run over. */
export interface WireTransport extends FlowControlledTransport {
  /** Ends it at once with an error, without a report. */
  _forceClose(exception: Error | null): void
}

/** What the owner of the stream is told, in the loop's turn. */
export interface WireEvents {
  /** The engine is given bytes now, and decrypts what it can. */
  receiving(): void
  /** It has. */
  received(): void
  lost(exc: Error | null): void
}

type Sent = (error?: Error | null) => void

/**
 * What `node:tls` reads encrypted bytes from and writes them to: a transport, seen as a stream. It is that transport's
 * protocol. It never fails as a stream: how the connection ended is told to its owner alone.
 */
export class TransportDuplex extends Duplex implements Protocol {
  readonly #events: WireEvents
  #transport: WireTransport | null = null
  #writable = true
  #waiting: Sent | null = null

  constructor(events: WireEvents) {
    super()
    this.#events = events
    // The engine has its first message before there is a transport for it.
    this.cork()
  }

  /** @internal the transport whose protocol this is */
  _attach(transport: WireTransport): void {
    this.#transport = transport
    // One that changes hands may be above high water already; the end of that is told to its new protocol.
    this.#writable = !transport._protocolPaused
    this.uncork()
  }

  // ---- the transport's side

  dataReceived(data: Buffer): void {
    if (this.destroyed) return
    this.#events.receiving()
    if (!this.push(data)) this.#transport?.pauseReading()
    this.#events.received()
  }

  /** The transport stays open: TLS has its own end to send. */
  eofReceived(): boolean {
    if (!this.destroyed) this.push(null)
    return true
  }

  pauseWriting(): void {
    this.#writable = false
  }

  resumeWriting(): void {
    this.#writable = true
    this.#release()
  }

  connectionLost(exc: Error | null): void {
    this.#transport = null
    this.#writable = true
    this.#release()
    this.#events.lost(exc)
  }

  // ---- the stream's side

  override _read(): void {
    this.#transport?.resumeReading()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, sent: Sent): void {
    this.#send([chunk], sent)
  }

  override _writev(chunks: { chunk: Buffer }[], sent: Sent): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      sent,
    )
  }

  #send(chunks: Buffer[], sent: Sent): void {
    const transport = this.#transport
    if (transport !== null && !transport.isClosing()) transport.writelines(chunks)
    if (this.#writable) sent()
    else this.#waiting = sent
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.()
  }
}
