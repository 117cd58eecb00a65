import type { EventLoop } from '../loop/event_loop.js'
import type { ConnectionOptions, UnixConnectionOptions } from '../loop/options.js'
import { getRunningLoop } from '../loop/running.js'
import type { Transport } from '../transports/transport.js'
import { StreamReaderProtocol } from './stream_protocol.js'
import { StreamReader } from './stream_reader.js'
import { StreamWriter } from './stream_writer.js'

/** What streams take beside the options of their connection. */
export interface StreamLimit {
  /** Bytes a line may have, and half of what a reader buffers before it pauses its transport; 64 KiB. */
  limit?: number | undefined
}

/**
 * Connects, and gives what to read from and what to write to.
 * @param options those of `loop.createConnection`, and `limit`
 * @throws what `loop.createConnection` throws
 *
 * asyncio: `open_connection`.
 */
export function openConnection(options: ConnectionOptions & StreamLimit): Promise<[StreamReader, StreamWriter]> {
  const { limit, ...connection } = options
  return open(limit, (loop, protocol) => loop.createConnection(() => protocol, connection))
}

/**
 * As `openConnection`, to a Unix socket.
 * @param options those of `loop.createUnixConnection`, and `limit`
 * @throws what `loop.createUnixConnection` throws
 *
 * asyncio: `open_unix_connection`.
 */
export function openUnixConnection(
  options: UnixConnectionOptions & StreamLimit,
): Promise<[StreamReader, StreamWriter]> {
  const { limit, ...connection } = options
  return open(limit, (loop, protocol) => loop.createUnixConnection(() => protocol, connection))
}

/** Not an async function: what is wrong with the arguments is thrown at the call. */
function open(
  limit: number | undefined,
  connect: (loop: EventLoop, protocol: StreamReaderProtocol) => Promise<[Transport, StreamReaderProtocol]>,
): Promise<[StreamReader, StreamWriter]> {
  const loop = getRunningLoop()
  const reader = new StreamReader({ limit, loop })
  const protocol = new StreamReaderProtocol(reader, null, { loop })
  return connect(loop, protocol).then(([transport]) => [reader, new StreamWriter(transport, protocol, reader, loop)])
}
