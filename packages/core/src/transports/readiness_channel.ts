import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { StreamChannel } from './stream_channel.js'
import type { AnyStreamTransport } from './stream_transport.js'

/** Reads and writes when the descriptor is ready: one call of the system for each event. */
export class ReadinessChannel implements StreamChannel {
  readonly #loop: SocketEventLoop
  readonly #transport: AnyStreamTransport

  constructor(loop: SocketEventLoop, transport: AnyStreamTransport) {
    this.#loop = loop
    this.#transport = transport
  }

  startReading(): void {
    this.#loop._addReader(this.#transport._fd, readReady, this.#transport)
  }

  stopReading(): void {
    this.#loop._removeReader(this.#transport._fd)
  }

  startWriting(): void {
    this.#loop._addWriter(this.#transport._fd, writeReady, this.#transport)
  }

  stopWriting(): void {
    this.#loop._removeWriter(this.#transport._fd)
  }
}

function readReady(transport: AnyStreamTransport): void {
  transport._readReady()
}

function writeReady(transport: AnyStreamTransport): void {
  transport._writeReady()
}
