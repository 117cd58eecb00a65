import { captureContext } from '../context/context.js'
import { Handle } from '../loop/handle.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { StreamChannel } from './stream_channel.js'
import type { AnyStreamTransport } from './stream_transport.js'

/**
 * Reads and writes when the descriptor is ready: one call of the system for each event. One for all streams of a loop:
 * what a connection that waits takes counts.
 */
export class ReadinessChannel implements StreamChannel {
  readonly #loop: SocketEventLoop

  constructor(loop: SocketEventLoop) {
    this.#loop = loop
  }

  startReading(transport: AnyStreamTransport): void {
    this.#loop._watchFor(transport._fd, 'reader', new TransportHandle(readReady, transport, this.#loop))
  }

  stopReading(transport: AnyStreamTransport): void {
    this.#loop._removeReader(transport._fd)
  }

  startWriting(transport: AnyStreamTransport): void {
    this.#loop._watchFor(transport._fd, 'writer', new TransportHandle(writeReady, transport, this.#loop))
  }

  stopWriting(transport: AnyStreamTransport): void {
    this.#loop._removeWriter(transport._fd)
  }
}

/** The arguments of the handle that runs: a list for each would be a third of what a waiting connection's handle takes. */
const argument: [AnyStreamTransport | null] = [null]

class TransportHandle extends Handle {
  declare private readonly _transport: AnyStreamTransport

  constructor(callback: (transport: AnyStreamTransport) => void, transport: AnyStreamTransport, loop: SocketEventLoop) {
    super(callback as never, argument, loop, captureContext())
    this._transport = transport
  }

  override _run(): void {
    argument[0] = this._transport
    try {
      super._run()
    } finally {
      argument[0] = null
    }
  }
}

function readReady(transport: AnyStreamTransport): void {
  transport._readReady()
}

function writeReady(transport: AnyStreamTransport): void {
  transport._writeReady()
}
