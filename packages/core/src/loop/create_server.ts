import { inspect } from 'node:util'
import type { AddrInfo } from '../dns/addr_info.js'
import { isSystemError, systemError } from '../errors/index.js'
import { constants } from '../sockets/constants.js'
import { Socket } from '../sockets/socket.js'
import { abortError } from '../tasks/abortable.js'
import { serverTls, type TlsSettings } from '../tls/tls_settings.js'
import { ListeningServer } from '../transports/listening_server.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { checkFactory, checkOptions, checkStreamSocket, checkTls } from './create_connection.js'
import type { ServerOptions } from './options.js'
import {
  addressText,
  bindError,
  checkHints,
  checkHostAndPort,
  familyNumber,
  resolveStream,
} from './resolved_addresses.js'
import type { SocketEventLoop } from './socket_event_loop.js'

const defaultBacklog = 100

/**
 * Listens on every address that `host` and `port` stand for, or on `sock`; each connection gets a protocol of its own.
 * @throws TypeError, RangeError for wrong options at the call; later the error of bind(2), which names the address
 *
 * asyncio: `create_server`.
 */
export function createServer(
  loop: SocketEventLoop,
  protocolFactory: () => StreamingProtocol,
  options: ServerOptions,
): Promise<ListeningServer> {
  loop._mustBeOpen()
  checkFactory(protocolFactory)
  checkOptions(options)
  const { port, sock } = options
  checkTls(options)
  if (options.reusePort && !loop.supports('reusePort')) {
    throw new RangeError('reusePort is not supported: this platform has no SO_REUSEPORT')
  }
  const tls = serverTls(options)
  const backlog = checkedBacklog(options.backlog)
  const hosts = hostsOf(options.host)
  for (const host of hosts) checkHostAndPort(host, port)
  checkHints(options)
  if (options.host == null && port == null) {
    if (sock == null) throw new RangeError('Neither host/port nor sock were specified')
    checkStreamSocket(loop, sock)
  } else if (sock != null) throw new RangeError('host/port and sock can not be specified at the same time')
  return serve(loop, protocolFactory, hosts, tls, { ...options, backlog })
}

/** @throws TypeError, RangeError unless it is an integer */
export function checkedBacklog(backlog: unknown): number {
  if (backlog === undefined) return defaultBacklog
  if (typeof backlog !== 'number') throw new TypeError(`backlog must be a number, not ${inspect(backlog)}`)
  if (Number.isInteger(backlog)) return Math.min(Math.max(0, backlog), 0x7fffffff)
  throw new RangeError(`backlog must be an integer, not ${backlog}`)
}

/** Begins to listen if that is wanted; what fails there closes the server. */
export async function started(server: ListeningServer, startServing: boolean | undefined): Promise<ListeningServer> {
  if (startServing === false) return server
  try {
    await server.startServing()
  } catch (error) {
    server.close()
    throw error
  }
  return server
}

/** Every interface is `null`. */
function hostsOf(host: ServerOptions['host']): (string | null)[] {
  if (host === '' || host === null || host === undefined) return [null]
  if (typeof host === 'string') return [host]
  if (Array.isArray(host)) return host.map((each) => (each === '' ? null : each))
  throw new TypeError(`host must be a string, an array of strings or null, not ${inspect(host)}`)
}

async function serve(
  loop: SocketEventLoop,
  protocolFactory: () => StreamingProtocol,
  hosts: readonly (string | null)[],
  tls: TlsSettings | null,
  options: ServerOptions & { backlog: number },
): Promise<ListeningServer> {
  if (options.signal?.aborted) throw abortError(options.signal)
  const sockets = options.sock == null ? await boundSockets(loop, hosts, options) : [options.sock]
  return started(new ListeningServer(loop, sockets, protocolFactory, options.backlog, tls), options.startServing)
}

async function boundSockets(
  loop: SocketEventLoop,
  hosts: readonly (string | null)[],
  options: ServerOptions,
): Promise<Socket[]> {
  const found = await Promise.all(hosts.map((host) => addressesOf(loop, host, options)))
  const infos = distinct(found.flat())
  const sockets: Socket[] = []
  try {
    for (const info of infos) {
      const sock = listeningSocket(info, options)
      if (sock !== null) sockets.push(sock)
    }
    if (sockets.length > 0) return sockets
    const tried = infos.map(({ address }) => addressText(address)).join(', ')
    throw systemError(-constants['EADDRNOTAVAIL']!, 'bind', {
      message: `could not bind on any address out of ${tried}`,
    })
  } catch (error) {
    for (const sock of sockets) sock.close()
    throw error
  }
}

async function addressesOf(loop: SocketEventLoop, host: string | null, options: ServerOptions): Promise<AddrInfo[]> {
  const { port, family = 0, flags = constants['AI_PASSIVE'] ?? 0, signal } = options
  const hints = { family, flags, signal }
  if (host !== null) return resolveStream(loop, host, port, hints)
  const wildcards = (['IPv4', 'IPv6'] as const).filter((name) => family === 0 || family === familyNumber(name))
  const every = wildcards.map((name) => resolveStream(loop, name === 'IPv4' ? '0.0.0.0' : '::', port, hints))
  return (await Promise.all(every)).flat()
}

/** Several names may stand for the same address, which can be bound once. */
function distinct(infos: readonly AddrInfo[]): AddrInfo[] {
  return [...new Map(infos.map((info) => [`${addressText(info.address)}%${info.address.scopeid ?? 0}`, info])).values()]
}

/** A bound socket, or null where the machine lacks the address's family. */
function listeningSocket({ family, proto, address }: AddrInfo, options: ServerOptions): Socket | null {
  let sock: Socket
  try {
    sock = new Socket({ family: familyNumber(family), type: constants['SOCK_STREAM']!, proto })
  } catch (error) {
    if (isSystemError(error) && unknownFamily.has(error.code)) return null
    throw error
  }
  try {
    // On Windows the option would let two programs listen on one port.
    const reuseAddress = options.reuseAddress ?? process.platform !== 'win32'
    if (reuseAddress) sock.setsockopt('SOL_SOCKET', 'SO_REUSEADDR', true)
    if (options.reusePort) sock.setsockopt('SOL_SOCKET', 'SO_REUSEPORT', true)
    if (options.keepAlive) sock.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', true)
    // A socket for both families would take the port that the IPv4 socket needs.
    if (family === 'IPv6') sock.setsockopt('IPPROTO_IPV6', 'IPV6_V6ONLY', true)
    const result = sock._ops.bind(sock.fileno(), sock.family, address)
    if (result >= 0) return sock
    if (result !== -constants['EADDRNOTAVAIL']!) throw bindError(result, address)
    sock.close()
    return null
  } catch (error) {
    sock.close()
    throw error
  }
}

const unknownFamily = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPFNOSUPPORT'])
