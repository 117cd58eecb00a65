import { inspect } from 'node:util'
import { LoopError, type Protocol, StreamReader, type StreamReaderProtocol, StreamWriter, Transport } from '@loop/core'

/** A connection that somebody had before: the transport, or the reader and writer of streams. */
export type Connection = Transport | readonly [StreamReader, StreamWriter]

/** What a connection brings along when it changes hands. */
export interface Taken {
  readonly transport: Transport
  /** The protocol of streams, which is told of the end. */
  readonly former: Protocol | null
  /** What had arrived and was not read. */
  readonly early: Buffer
  /** Whether the end had arrived as well. */
  readonly ended: boolean
  /** Kept alive with the connection: a writer that is collected closes it. */
  readonly writer: StreamWriter | null
}

/**
 * Makes `protocol` the protocol of a connection.
 * @throws TypeError for anything else; LoopError for one that is closing
 */
export function take(connection: Connection, protocol: Protocol): Taken {
  const writer = writerOf(connection)
  const transport = writer?.transport ?? (connection as Transport)
  if (transport.isClosing()) throw new LoopError('The connection is closing', 'ERR_LOOP_STATE')
  const former = transport.getProtocol() as Partial<StreamReaderProtocol>
  const reader = former._reader ?? null
  const failure = reader?.exception() ?? null
  if (failure !== null) throw failure
  const early = reader?._takeBuffered() ?? Buffer.alloc(0)
  transport.setProtocol(protocol)
  return { transport, former: reader && (former as Protocol), early, ended: reader?.atEof() ?? false, writer }
}

function writerOf(connection: Connection): StreamWriter | null {
  if (connection instanceof Transport) return null
  if (Array.isArray(connection)) {
    const [reader, writer] = connection as [unknown, unknown]
    if (reader instanceof StreamReader && writer instanceof StreamWriter) return writer
  }
  throw new TypeError(
    `A connection is a transport, or a pair [StreamReader, StreamWriter], not ${inspect(connection, { depth: 0 })}`,
  )
}
