import type { TLSSocket } from 'node:tls'
import type { Carrier } from './carrier.js'
import { DirectHalf } from './direct_half.js'
import { type PlainHalf, StreamHalf } from './plain_half.js'
import { streamWrapperOf } from './stream_wrapper.js'
import type { TlsSettings } from './tls_settings.js'
import { type HandshakeEvents, tlsSocket } from './tls_socket.js'
import { TransportDuplex } from './transport_duplex.js'
import type { WireEvents, WireReader } from './wire_reader.js'

/** Over any transport: the engine reads and writes a stream. */
export class StreamCarrier implements Carrier {
  readonly socket: TLSSocket
  readonly plain: PlainHalf
  readonly #stream: TransportDuplex

  /** @throws what `node:tls` throws for wrong options */
  constructor(settings: TlsSettings, events: WireEvents & HandshakeEvents, decrypted: (data: Buffer) => void) {
    this.#stream = new TransportDuplex(events)
    this.socket = tlsSocket(this.#stream, settings, events)
    const wrapper = streamWrapperOf(this.socket)
    if (wrapper !== null) this.#stream._goPast(wrapper)
    this.plain =
      wrapper === null
        ? new StreamHalf(this.socket, decrypted)
        : new DirectHalf(this.socket, decrypted, (then) => then())
  }

  get reader(): WireReader {
    return this.#stream._reader
  }

  begin(): void {
    this.#stream._begin()
  }

  enter(): void {
    this.#stream._enter()
  }

  leave(): void {
    this.#stream._leave()
  }
}
