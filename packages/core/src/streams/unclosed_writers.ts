import { framesOfSource, noteSource, sourceText } from '../introspection/source.js'
import type { EventLoop } from '../loop/event_loop.js'
import type { WriteTransport } from '../transports/transport.js'

interface Unclosed {
  readonly transport: WriteTransport
  readonly loop: EventLoop
  /** Where the writer was made, if that was noted. */
  readonly source?: string
}

/** Closes the connection of a writer that was forgotten without `close()`, and says so. Python: its ResourceWarning. */
const collected = new FinalizationRegistry<Unclosed>(({ transport, loop, source = '' }) => {
  if (loop.isClosed() || transport.isClosing()) return
  const peer = transport.getExtraInfo('peername', null)
  process.emitWarning('A StreamWriter was collected without having been closed; its connection is closed now', {
    type: 'ResourceWarning',
    detail: [
      `peer: ${JSON.stringify(peer)}`,
      ...framesOfSource(source).map((frame) => `    ${frame}`),
      'Call writer.close(), or declare it with `await using`.',
    ].join('\n'),
  })
  transport.close()
})

export function watchUnclosed(writer: object, unclosed: Unclosed): void {
  noteSource(writer)
  collected.register(writer, { ...unclosed, source: sourceText(writer) }, writer)
}

export function forgetUnclosed(writer: object): void {
  collected.unregister(writer)
}
