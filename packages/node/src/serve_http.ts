import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { inspect } from 'node:util'
import {
  type AbstractServer,
  type EventLoop,
  getRunningLoop,
  type InetAddress,
  type ServerOptions,
  type UnixServerOptions,
} from '@loop/core'
import { LoopSocket } from './loop_socket.js'

/** Those of `loop.createServer`, or with `path` of `loop.createUnixServer`. */
export interface ServeHttpOptions extends ServerOptions, UnixServerOptions {
  /** The loop to serve on; the running one. */
  loop?: EventLoop | undefined
}

/**
 * Listens on the loop and gives the connections to a server of Node's, in the place of `server.listen()`: one of `node:http`,
 * or of `node:http2`, `node:https` or `node:net`, and whatever is built on one. With `ssl` the loop speaks TLS; else an
 * `https.Server` does. `server.close()` closes the listening sockets too; connections are ended as always, by
 * `closeIdleConnections()` and so on, or by `closeClients()` of what this gives.
 * @throws what `loop.createServer` throws
 */
export async function serveHttp(server: HttpServer, options: ServeHttpOptions): Promise<AbstractServer> {
  if (typeof (server as Partial<HttpServer>)?.emit !== 'function') {
    throw new TypeError(`A server of node:http is required, not ${inspect(server, { depth: 0 })}`)
  }
  const { loop = getRunningLoop(), ...listening } = options
  // What comes out of the loop's TLS is what an https.Server expects of its own.
  const event = listening.ssl && server instanceof TlsServer ? 'secureConnection' : 'connection'
  // HTTP answers a client that has ended its half.
  const protocolFactory = () => {
    const socket = new LoopSocket({ allowHalfOpen: true })
    socket.once('connect', () => server.emit(event, socket))
    return socket._protocol
  }
  const serving = await (listening.path == null
    ? loop.createServer(protocolFactory, listening)
    : loop.createUnixServer(protocolFactory, listening))
  server.once('close', () => serving.close())
  answerFor(server, serving)
  // Node's server begins to watch for slow clients then, and programs wait for it.
  server.emit('listening')
  return serving
}

/** Who asks the server where it listens, and whether, gets the answer of the one that does it. */
function answerFor(server: HttpServer, serving: AbstractServer): void {
  Object.defineProperties(server, {
    listening: { get: () => serving.isServing(), configurable: true },
    address: { value: () => addressOf(serving), configurable: true, writable: true },
  })
}

/** As that of `net.Server`: of its first socket. */
function addressOf(serving: AbstractServer): AddressInfo | string | null {
  const name = serving.sockets[0]?.getsockname() ?? null
  if (name === null || typeof name === 'string') return name
  if (Buffer.isBuffer(name)) return name.toString()
  if (!('port' in name)) return null
  const { host: address, port, family = '' } = name as InetAddress
  return { address, family, port }
}
