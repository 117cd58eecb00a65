import type { Protocol, Transport } from '@loop/core'
import type { LoopSocket } from './loop_socket.js'
import type { Taken } from './taken.js'

/** Stands between a transport and a socket that is made of it. */
export class SocketProtocol implements Protocol {
  /** @internal over TLS as well, one half can end without the other */ readonly _halfOpen = true
  readonly #socket: LoopSocket
  /** What the connection was before; it is told of the end. */
  #taken: Taken | null = null

  constructor(socket: LoopSocket) {
    this.#socket = socket
  }

  /** @internal takes the place of another protocol */
  _succeed(taken: Taken): void {
    this.#taken = taken
  }

  connectionMade(transport: Transport): void {
    this.#socket._attach(transport)
    this.#socket._announce()
  }

  dataReceived(data: Buffer): void {
    this.#socket._received(data)
  }

  /** The other half ends by itself, unless it is to stay open. */
  eofReceived(): boolean {
    this.#socket._endReceived()
    return true
  }

  pauseWriting(): void {
    this.#socket._writingPaused()
  }

  resumeWriting(): void {
    this.#socket._writingResumed()
  }

  connectionLost(exc: Error | null): void {
    this.#socket._lost(exc)
    this.#taken?.former?.connectionLost?.(exc)
  }
}
