/** Stream servers and connections on Unix sockets; on Windows only the proactor has them. asyncio: `unix_events.py`. */
import { unlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { systemError } from '../errors/index.js'
import { addressError } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import { Socket } from '../sockets/socket.js'
import { abortError } from '../tasks/abortable.js'
import { clientTls, serverTls, type TlsSettings } from '../tls/tls_settings.js'
import { ListeningServer } from '../transports/listening_server.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import type { Transport } from '../transports/transport.js'
import { checkFactory, checkOptions, checkStreamSocket, checkTls, joinTransport } from './create_connection.js'
import { checkedBacklog, started } from './create_server.js'
import type { UnixConnectionOptions, UnixServerOptions } from './options.js'
import type { SocketEventLoop } from './socket_event_loop.js'
import { socketFile } from './socket_file.js'
import { checkedPath, isAbstract, type Path, removeStaleSocket } from './unix_path.js'

/**
 * Connects to a Unix stream socket by its path, or takes over `sock`, which may be one that keeps the boundaries of messages
 * (SOCK_SEQPACKET). asyncio: `create_unix_connection`.
 */
export function createUnixConnection<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  options: UnixConnectionOptions,
): Promise<[Transport, P]> {
  loop._mustBeOpen()
  loop._mustSupport('unixSockets')
  checkFactory(protocolFactory)
  checkOptions(options)
  checkTls(options, options.serverHostname)
  if (options.ssl && options.serverHostname == null) {
    throw new RangeError('You have to pass serverHostname when using ssl')
  }
  const path = checkedEndpoint(loop, options, 'no path and sock were specified')
  return connect(loop, protocolFactory, path, clientTls(options, options.serverHostname), options)
}

async function connect<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  path: Path | null,
  tls: TlsSettings | null,
  options: UnixConnectionOptions,
): Promise<[Transport, P]> {
  const { signal } = options
  if (path === null) return joinTransport(loop, options.sock!, protocolFactory, tls, options)
  if (signal?.aborted) throw abortError(signal)
  const sock = unixSocket()
  try {
    await loop.sockConnect(sock, path, { signal })
  } catch (error) {
    sock.close()
    throw error
  }
  return joinTransport(loop, sock, protocolFactory, tls, options)
}

/**
 * Listens on a Unix stream socket, or on `sock`, which may be one of SOCK_SEQPACKET. A socket file that a former server left at `path` is removed first; the file is
 * unlinked when the server closes, unless `cleanupSocket` is false or it is another one by then.
 * asyncio: `create_unix_server`.
 */
export function createUnixServer(
  loop: SocketEventLoop,
  protocolFactory: () => StreamingProtocol,
  options: UnixServerOptions,
): Promise<ListeningServer> {
  loop._mustBeOpen()
  loop._mustSupport('unixSockets')
  checkFactory(protocolFactory)
  checkOptions(options)
  checkTls(options)
  const tls = serverTls(options)
  const backlog = checkedBacklog(options.backlog)
  const path = checkedEndpoint(loop, options, 'path was not specified, and no sock specified')
  return serve(loop, protocolFactory, path, backlog, tls, options)
}

async function serve(
  loop: SocketEventLoop,
  protocolFactory: () => StreamingProtocol,
  path: Path | null,
  backlog: number,
  tls: TlsSettings | null,
  options: UnixServerOptions,
): Promise<ListeningServer> {
  if (options.signal?.aborted) throw abortError(options.signal)
  const sock = path === null ? options.sock! : boundSocket(path)
  let cleanUp: (() => void) | undefined
  try {
    if (options.cleanupSocket !== false) cleanUp = unlinker(sock)
  } catch (error) {
    if (path !== null) sock.close()
    throw error
  }
  return started(new ListeningServer(loop, [sock], protocolFactory, backlog, tls, cleanUp), options.startServing)
}

function boundSocket(path: Path): Socket {
  removeStaleSocket(path)
  const sock = unixSocket()
  const result = sock._ops.bind(sock.fileno(), sock.family, path)
  if (result >= 0) return sock
  sock.close()
  if (result !== -constants['EADDRINUSE']!) throw addressError(result, 'bind', path)
  const message = `Address ${inspect(path.toString())} is already in use`
  throw systemError(result, 'bind', { path: path.toString(), message })
}

/** Removes the file of a listening socket if it is still the one that it made. */
function unlinker(sock: Socket): (() => void) | undefined {
  const name = sock.getsockname()
  if (name === null || (typeof name !== 'string' && !Buffer.isBuffer(name)) || isAbstract(name)) return undefined
  // The working directory may be another one when the server closes.
  const path = typeof name === 'string' ? resolve(name) : name
  const made = socketFile(path)
  if (made === null) return undefined
  return () => {
    try {
      if (socketFile(path) === made) unlinkSync(path)
    } catch (error) {
      process.emitWarning(`Unable to remove the Unix socket ${inspect(path.toString())}: ${(error as Error).message}`)
    }
  }
}

function unixSocket(): Socket {
  return new Socket({ family: constants['AF_UNIX']!, type: constants['SOCK_STREAM']! })
}

function checkedEndpoint(
  loop: SocketEventLoop,
  { path, sock, ssl }: Pick<UnixServerOptions, 'path' | 'sock' | 'ssl'>,
  neither: string,
): Path | null {
  if (path !== undefined && path !== null) {
    if (sock != null) throw new RangeError('path and sock can not be specified at the same time')
    const checked = checkedPath(path)
    if (isAbstract(checked)) loop._mustSupport('abstractUnixSockets')
    return checked
  }
  if (sock == null) throw new RangeError(neither)
  checkStreamSocket(loop, sock, { messages: !ssl })
  if (sock.family !== constants['AF_UNIX']) {
    throw new RangeError(`A UNIX Domain Stream Socket was expected, got ${inspect(sock)}`)
  }
  return null
}
