import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls'
import type { ReadSlab } from '../transports/inbox.js'
import type { TlsSettings } from './tls_settings.js'
import { tlsSocket } from './tls_socket.js'
import { TransportDuplex, type WireEvents, type WireTransport } from './transport_duplex.js'

/** What the engine has to tell. It comes in the host's turns, where it is not the answer to a call of the loop's. */
export interface EngineEvents extends WireEvents {
  secured(): void
  /** An error of TLS, in the handshake or after it. */
  failed(error: Error): void
  decrypted(data: Buffer): void
  /** The peer has said that it sends no more, or its end came without a word. */
  ended(): void
  /** Our own end is said. */
  finished(): void
  closed(): void
}

/** TLS by `node:tls`, between a transport that carries it and the one that is made of it. */
export class Engine {
  readonly socket: TLSSocket
  /** As `node:tls` gives them; known from `noteSession` on. */
  cipher: CipherNameAndProtocol | undefined
  peercert: PeerCertificate | undefined
  readonly #stream: TransportDuplex

  /**
   * Begins the handshake, which gets on when there is a wire.
   * @throws what `node:tls` throws for wrong options
   */
  constructor(settings: TlsSettings, slab: ReadSlab, events: EngineEvents) {
    this.#stream = new TransportDuplex(events, slab)
    this.socket = tlsSocket(this.#stream, settings, events)
    this.#stream._completeBy(completionOf(this.socket))
    this.socket.on('data', events.decrypted)
    this.socket.on('end', events.ended)
    this.socket.on('finish', events.finished)
    this.socket.on('close', events.closed)
  }

  /**
   * Takes a transport as the wire.
   * @param wire gets the stream that is to be the protocol of the transport that it gives
   */
  attach(wire: (stream: TransportDuplex) => WireTransport): WireTransport {
    const transport = wire(this.#stream)
    this.#stream._attach(transport)
    return transport
  }

  /** The handshake is over: what was agreed upon stays known when the connection is gone. */
  noteSession(): void {
    this.cipher = this.socket.getCipher()
    this.peercert = this.socket.getPeerCertificate()
  }

  /** Whether what is written now is encrypted at once; else it waits for what was written before. */
  get idle(): boolean {
    return this.socket.writableLength === 0
  }

  /** @param done called when it is encrypted and has left for the wire, or cannot; `bytes` are free then */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.#stream._enter()
    this.socket.write(bytes, done)
    this.#stream._leave()
  }

  /** Says close_notify after what was written. */
  endWriting(): void {
    this.#stream._enter()
    this.socket.end()
    this.#stream._leave()
  }

  /** As `endWriting`, and wants no more of what comes. */
  end(): void {
    this.endWriting()
    // The peer's end comes after what it sent before.
    this.socket.resume()
  }
}

/**
 * Node completes each write of a stream that it wraps by a `setImmediate` of its own, so that one connection gets on by
 * one write in each turn of the host: a third of what a small message costs, and most of the time of a large one. The
 * wrapper's method behind that can be called when the engine's call has returned. Where there is none, on another
 * host or another Node, the wrapper does it itself. See docs/decisions/0024.
 */
function completionOf(socket: TLSSocket): (() => void) | null {
  const wrapper = (socket as Wrapped)._handle?._parentWrap
  const handle = wrapper?._handle
  if (handle == null || typeof wrapper!.finishWrite !== 'function') return null
  return () => wrapper!.finishWrite!(handle, 0)
}

type Wrapped = TLSSocket & {
  _handle?: { _parentWrap?: { _handle?: object | null; finishWrite?(handle: object, status: number): void } }
}
