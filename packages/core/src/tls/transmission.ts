import type { Future } from '../futures/future.js'
import { connectionClosed } from '../transports/stream_socket_transport.js'
import type { Engine } from './engine.js'
import type { TlsTransport } from './tls_transport.js'

/** A file on its way through a TLS transport, piece by piece; nobody else writes meanwhile. */
export class Transmission {
  readonly #transport: TlsTransport
  readonly #engine: Engine
  #waiting: Future<void> | null = null

  constructor(transport: TlsTransport, engine: Engine) {
    this.#transport = transport
    this.#engine = engine
  }

  /** Done when the next piece may follow; `bytes` are free then. */
  send(bytes: Uint8Array): Future<void> {
    const taken = this.#transport._loop.createFuture<void>()
    this.#waiting = taken
    if (this.#transport.isClosing()) this.proceed(0)
    else this.#engine.write(bytes, () => this.proceed(this.#transport.getWriteBufferLimits().high))
    return taken
  }

  /** Lets it go on where no more than `limit` bytes are buffered, or fails where the connection is gone. */
  proceed(limit: number): void {
    const waiting = this.#waiting
    const transport = this.#transport
    if (waiting === null || transport._loop.isClosed()) return
    const closing = transport.isClosing()
    if (!closing && transport.getWriteBufferSize() > limit) return
    this.#waiting = null
    if (waiting.done()) return
    if (closing) waiting.setException(connectionClosed())
    else waiting.setResult()
  }
}
