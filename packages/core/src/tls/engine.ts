import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls'
import { DirectHalf } from './direct_half.js'
import { type PlainHalf, StreamHalf, type Written } from './plain_half.js'
import { streamWrapperOf } from './stream_wrapper.js'
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
  readonly #plain: PlainHalf

  /**
   * Begins the handshake, which gets on when there is a wire.
   * @throws what `node:tls` throws for wrong options
   */
  constructor(settings: TlsSettings, events: EngineEvents) {
    this.#stream = new TransportDuplex(events)
    this.socket = tlsSocket(this.#stream, settings, events)
    const wrapper = streamWrapperOf(this.socket)
    if (wrapper !== null) this.#stream._goPast(wrapper)
    const Half = wrapper === null ? StreamHalf : DirectHalf
    this.#plain = new Half(this.socket, events.decrypted)
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
    return this.#plain.idle
  }

  /** @param done called when it is encrypted and has left for the wire, or cannot; `bytes` are free then */
  write(bytes: Uint8Array, done: Written): void {
    this.#stream._enter()
    this.#plain.write(bytes, done)
    this.#stream._leave()
  }

  /** Takes no more from the wire. */
  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** Says close_notify after what was written. */
  endWriting(): void {
    this.#stream._enter()
    this.#plain.end()
    this.#stream._leave()
  }

  /** As `endWriting`, and wants no more of what comes. */
  end(): void {
    this.endWriting()
    // The peer's end comes after what it sent before.
    this.resume()
  }
}
