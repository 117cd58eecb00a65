import type { EventLoop } from '../loop/event_loop.js'
import type { WriteTransport } from '../transports/transport.js'

interface Unclosed {
  readonly transport: WriteTransport
  readonly loop: EventLoop
}

/** Closes the connection of a writer that was forgotten without `close()`, and says so. Python: its ResourceWarning. */
const collected = new FinalizationRegistry<Unclosed>(({ transport, loop }) => {
  if (loop.isClosed() || transport.isClosing()) return
  const peer = transport.getExtraInfo('peername', null)
  process.emitWarning('A StreamWriter was collected without having been closed; its connection is closed now', {
    type: 'ResourceWarning',
    detail: `peer: ${JSON.stringify(peer)}\nCall writer.close(), or declare it with \`await using\`.`,
  })
  transport.close()
})

export function watchUnclosed(writer: object, unclosed: Unclosed): void {
  collected.register(writer, unclosed, writer)
}

export function forgetUnclosed(writer: object): void {
  collected.unregister(writer)
}
