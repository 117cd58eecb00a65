import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls'
import type { Socket } from '../sockets/socket.js'
import type { Carrier } from './carrier.js'
import { DescriptorCarrier } from './descriptor_carrier.js'
import type { Written } from './plain_half.js'
import { StreamCarrier } from './stream_carrier.js'
import type { TlsSettings } from './tls_settings.js'
import type { WireEvents, WireReader, WireTransport } from './wire_reader.js'

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
  readonly #carrier: Carrier

  /**
   * Begins the handshake, which gets on when there is a wire.
   * @param sock of the transport that is to be the wire, where nothing of that waits to be sent; else null
   * @throws what `node:tls` throws for wrong options
   */
  constructor(settings: TlsSettings, sock: Socket | null, events: EngineEvents) {
    const direct = sock === null ? null : DescriptorCarrier.open(sock, settings, events, events.decrypted)
    this.#carrier = direct ?? new StreamCarrier(settings, events, events.decrypted)
    this.socket = this.#carrier.socket
    this.socket.on('end', events.ended)
    this.socket.on('finish', events.finished)
    this.socket.on('close', events.closed)
  }

  /**
   * Takes a transport as the wire.
   * @param wire gets the protocol that the transport is to have that it gives
   */
  attach(wire: (reader: WireReader) => WireTransport): WireTransport {
    const { reader } = this.#carrier
    const transport = wire(reader)
    reader.attach(transport)
    this.#carrier.begin()
    return transport
  }

  /** The handshake is over: what was agreed upon stays known when the connection is gone. */
  noteSession(): void {
    this.cipher = this.socket.getCipher()
    this.peercert = this.socket.getPeerCertificate()
  }

  /** Whether what is written now is encrypted at once; else it waits for what was written before. */
  get idle(): boolean {
    return this.#carrier.plain.idle
  }

  /** @param done called when it is encrypted and has left for the wire, or cannot; `bytes` are free then */
  write(bytes: Uint8Array, done: Written): void {
    this.#carrier.enter()
    this.#carrier.plain.write(bytes, done)
    this.#carrier.leave()
  }

  /** Takes no more from the wire. */
  pause(): void {
    this.#carrier.reader.pause()
  }

  resume(): void {
    this.#carrier.reader.resume()
  }

  /** Says close_notify after what was written. */
  endWriting(): void {
    this.#carrier.enter()
    this.#carrier.plain.end()
    this.#carrier.leave()
  }

  /** As `endWriting`, and wants no more of what comes. */
  end(): void {
    this.endWriting()
    // The peer's end comes after what it sent before.
    this.resume()
  }
}
