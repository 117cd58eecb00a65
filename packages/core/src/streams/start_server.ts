import { inspect } from 'node:util'
import type { EventLoop } from '../loop/event_loop.js'
import type { ServerOptions, UnixServerOptions } from '../loop/options.js'
import { getRunningLoop } from '../loop/running.js'
import type { Server } from '../transports/server.js'
import type { StreamLimit } from './open_connection.js'
import { type ClientConnected, StreamReaderProtocol } from './stream_protocol.js'
import { checkLimit, defaultLimit, StreamReader } from './stream_reader.js'
import { Arrivals, StreamServer } from './stream_server.js'

/**
 * Listens, and serves each connection with a task that runs `clientConnected(reader, writer)`. An error of that task is
 * reported to the loop's exception handler and closes the connection; a task that is cancelled closes it without report.
 *
 * ```ts
 * import { type InetAddress, openConnection, run, startServer } from '@loop/core'
 *
 * await run(async () => {
 *   await using server = await startServer(
 *     async (reader, writer) => {
 *       for await (const line of reader) await writer.write(line)
 *       writer.close()
 *     },
 *     { host: '127.0.0.1', port: 0 },
 *   )
 *   const { host, port } = server.sockets[0]!.getsockname() as InetAddress
 *   const [reader, writer] = await openConnection({ host, port })
 *   await writer.write('echo\n')
 *   console.log(String(await reader.readline()).trim())
 *   writer.close()
 * })
 * ```
 * prints
 * ```text
 * echo
 * ```
 *
 * @param clientConnected null gives a server to iterate instead: `for await (const [reader, writer] of server)`
 * @param options those of `loop.createServer`, and `limit`
 * @throws what `loop.createServer` throws
 *
 * asyncio: `start_server`.
 */
export function startServer(clientConnected: ClientConnected, options: ServerOptions & StreamLimit): Promise<Server>
export function startServer(clientConnected: null, options: ServerOptions & StreamLimit): Promise<StreamServer>
export function startServer(
  clientConnected: ClientConnected | null,
  options: ServerOptions & StreamLimit,
): Promise<Server | StreamServer> {
  const { limit, ...server } = options
  return start(clientConnected, limit, (loop, factory) => loop.createServer(factory, server))
}

/**
 * As `startServer`, on a Unix socket.
 * @param options those of `loop.createUnixServer`, and `limit`
 * @throws what `loop.createUnixServer` throws
 *
 * asyncio: `start_unix_server`.
 */
export function startUnixServer(
  clientConnected: ClientConnected,
  options: UnixServerOptions & StreamLimit,
): Promise<Server>
export function startUnixServer(clientConnected: null, options: UnixServerOptions & StreamLimit): Promise<StreamServer>
export function startUnixServer(
  clientConnected: ClientConnected | null,
  options: UnixServerOptions & StreamLimit,
): Promise<Server | StreamServer> {
  const { limit, ...server } = options
  return start(clientConnected, limit, (loop, factory) => loop.createUnixServer(factory, server))
}

/** Not an async function: what is wrong with the arguments is thrown at the call. */
function start(
  clientConnected: ClientConnected | null,
  limit: number = defaultLimit,
  listen: (loop: EventLoop, factory: () => StreamReaderProtocol) => Promise<Server>,
): Promise<Server | StreamServer> {
  if (clientConnected !== null && typeof clientConnected !== 'function') {
    throw new TypeError(`The callback for a client must be a function or null, not ${inspect(clientConnected)}`)
  }
  checkLimit(limit)
  const loop = getRunningLoop()
  const factory = (callback: ClientConnected) => () =>
    new StreamReaderProtocol(new StreamReader({ limit, loop }), callback, { loop })
  if (clientConnected !== null) return listen(loop, factory(clientConnected))
  const arrived = new Arrivals(loop)
  return listen(
    loop,
    factory((reader, writer) => arrived.add(reader, writer)),
  ).then((server) => new StreamServer(server, arrived))
}
