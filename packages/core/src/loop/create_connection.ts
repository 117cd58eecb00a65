import { inspect } from 'node:util'
import type { AddrInfo } from '../dns/addr_info.js'
import { isSystemError, LoopError, type SystemError, systemError, TimeoutError } from '../errors/index.js'
import { constants } from '../sockets/constants.js'
import { Socket } from '../sockets/socket.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { joinTls } from '../tls/join_tls.js'
import { clientTls, serverTls, type TlsSettings } from '../tls/tls_settings.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { socketTransport } from '../transports/socket_transport.js'
import type { StreamSocketTransport } from '../transports/stream_socket_transport.js'
import type { Transport } from '../transports/transport.js'
import { defaultHappyEyeballsDelay, interleaveFamilies, staggeredRace } from './happy_eyeballs.js'
import type { AcceptedSocketOptions, ConnectionOptions, TlsOption, TlsTimeouts } from './options.js'
import { bindError, checkHints, checkHostAndPort, familyNumber, resolveStream } from './resolved_addresses.js'
import type { SocketEventLoop } from './socket_event_loop.js'

/**
 * Connects to a TCP server, or takes over `sock`, and joins the connection with a protocol.
 * @throws TypeError, RangeError for wrong options at the call; later the error of the only attempt, or one that names all.
 *   asyncio: `create_connection`.
 */
export function createConnection<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  options: ConnectionOptions,
): Promise<[Transport, P]> {
  loop._mustBeOpen()
  checkFactory(protocolFactory)
  checkOptions(options)
  const { host, port, sock, ssl, serverHostname, localAddr } = options
  checkTls(options, serverHostname)
  if (ssl && serverHostname == null && !host) {
    throw new RangeError('You must set serverHostname when using ssl without a host')
  }
  checkHostAndPort(host, port)
  checkHints(options)
  if (localAddr != null) {
    if (typeof localAddr !== 'object')
      throw new TypeError(`localAddr must be { host, port }, not ${inspect(localAddr)}`)
    checkHostAndPort(localAddr.host, localAddr.port, 'localAddr.')
  }
  const delay = checkedDelay(options.happyEyeballsDelay)
  const interleave = checkedInterleave(options.interleave, delay)
  if (host == null && port == null) {
    if (sock == null) throw new RangeError('host and port was not specified and no sock specified')
    checkStreamSocket(loop, sock)
  } else if (sock != null) throw new RangeError('host/port and sock can not be specified at the same time')
  const tls = clientTls(options, serverHostname ?? host)
  return connect(loop, protocolFactory, tls, { ...options, happyEyeballsDelay: delay, interleave })
}

/**
 * Joins a connection that was accepted elsewhere with a protocol. `sock` belongs to the library from now on.
 * asyncio: `connect_accepted_socket`.
 */
export function connectAcceptedSocket<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  sock: Socket,
  options: AcceptedSocketOptions = {},
): Promise<[Transport, P]> {
  loop._mustBeOpen()
  checkFactory(protocolFactory)
  checkOptions(options)
  checkStreamSocket(loop, sock, { messages: !options.ssl })
  checkTls(options)
  return joinTransport(loop, sock, protocolFactory, serverTls(options), options)
}

async function connect<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  tls: TlsSettings | null,
  options: ConnectionOptions,
): Promise<[Transport, P]> {
  const sock = options.sock ?? (await connectedSocket(loop, options))
  return joinTransport(loop, sock, protocolFactory, tls, options)
}

/** Makes the protocol and the transport of a connected socket; the socket is closed if that fails or is cancelled. */
export async function joinTransport<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  sock: Socket,
  protocolFactory: () => P,
  tls: TlsSettings | null,
  { signal }: Abortable,
): Promise<[Transport, P]> {
  if (tls !== null) return joinTls(loop, sock, protocolFactory, tls, { signal })
  let transport: StreamSocketTransport | null = null
  try {
    if (signal?.aborted) throw abortError(signal)
    const protocol = protocolFactory()
    const waiter = loop.createFuture<void>()
    transport = socketTransport(loop, sock, protocol, waiter)
    await abortable(waiter, signal)
    return [transport, protocol]
  } catch (error) {
    if (transport === null) sock.close()
    else transport.close()
    throw error
  }
}

async function connectedSocket(loop: SocketEventLoop, options: ConnectionOptions): Promise<Socket> {
  const { host, port, family, proto, flags, signal, localAddr } = options
  if (signal?.aborted) throw abortError(signal)
  const hints = { family, proto, flags, signal }
  const resolved = await resolveStream(loop, host, port, hints)
  const local =
    localAddr == null ? null : await resolveStream(loop, localAddr.host, localAddr.port, { ...hints, scope: localAddr })
  const infos = options.interleave ? interleaveFamilies(resolved, options.interleave) : resolved
  const failures: Error[][] = []
  const attempts = infos.map((info) => () => {
    const own: Error[] = []
    failures.push(own)
    return attempt(loop, info, local, own, signal)
  })
  const delay = options.happyEyeballsDelay
  const sock =
    delay == null || attempts.length === 1
      ? await oneAfterAnother(attempts)
      : await staggeredRace(loop, attempts, delay, (late) => late.close(), isFinal)
  if (signal?.aborted) {
    sock?.close()
    throw abortError(signal)
  }
  if (sock !== null) return sock
  throw combined(failures.flat(), options.allErrors ?? false)
}

/** Another address cannot help against what did not come from the network. */
function isFinal(error: unknown): boolean {
  return !isSystemError(error)
}

async function oneAfterAnother(attempts: readonly (() => Promise<Socket>)[]): Promise<Socket | null> {
  for (const attempt of attempts) {
    try {
      return await attempt()
    } catch (error) {
      if (isFinal(error)) throw error
    }
  }
  return null
}

/** Creates, binds and connects one socket; its errors go to `failures` too. asyncio: `_connect_sock`. */
async function attempt(
  loop: SocketEventLoop,
  info: AddrInfo,
  local: readonly AddrInfo[] | null,
  failures: Error[],
  signal: AbortSignal | undefined,
): Promise<Socket> {
  if (signal?.aborted) throw abortError(signal)
  let sock: Socket | null = null
  try {
    sock = new Socket({ family: familyNumber(info.family), type: constants['SOCK_STREAM']!, proto: info.proto })
    if (local !== null) bindLocal(sock, info.family, local, failures)
    await loop.sockConnect(sock, info.address, { signal })
    return sock
  } catch (error) {
    sock?.close()
    if (isSystemError(error)) failures.push(error)
    throw error
  }
}

function bindLocal(sock: Socket, family: AddrInfo['family'], local: readonly AddrInfo[], failures: Error[]): void {
  const errors: Error[] = []
  for (const { address } of local.filter((info) => info.family === family)) {
    const result = sock._ops.bind(sock.fileno(), sock.family, address)
    if (result >= 0) return
    errors.push(bindError(result, address))
  }
  const last = errors.pop()
  failures.push(...errors)
  throw (
    last ??
    systemError(-constants['EADDRNOTAVAIL']!, 'bind', {
      message: `no matching local address with family ${family} found`,
    })
  )
}

/** One error for all attempts: their only one, the one they share, or one that names each. */
function combined(errors: Error[], allErrors: boolean): Error {
  const [first] = errors
  if (first === undefined) return new TimeoutError('create_connection failed')
  if (allErrors) return new AggregateError(errors, 'create_connection failed')
  if (errors.every((error) => error.message === first.message)) return first
  const { code, errno, syscall } = first as SystemError
  const words = errors.map((error) => error.message).join(', ')
  return Object.assign(new Error(`Multiple exceptions: ${words}`, { cause: new AggregateError(errors) }), {
    code,
    errno,
    syscall,
  })
}

// ---- checks

export function checkFactory(factory: unknown): void {
  if (typeof factory !== 'function')
    throw new TypeError(`A protocol factory must be a function, not ${inspect(factory)}`)
}

export function checkOptions(options: unknown): asserts options is object {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object, not ${inspect(options)}`)
  }
}

/**
 * @param messages a Unix socket that keeps the boundaries of messages (SOCK_SEQPACKET) will do too
 * @throws TypeError, RangeError unless `sock` is an open stream socket that no transport uses
 */
export function checkStreamSocket(
  loop: SocketEventLoop,
  sock: unknown,
  { messages = false } = {},
): asserts sock is Socket {
  if (!(sock instanceof Socket)) throw new TypeError(`sock must be a Socket, not ${inspect(sock, { depth: 0 })}`)
  const { SOCK_STREAM, SOCK_SEQPACKET, AF_UNIX } = constants
  if (sock.type !== SOCK_STREAM && !(messages && sock.family === AF_UNIX && sock.type === SOCK_SEQPACKET)) {
    throw new RangeError(`A Stream Socket was expected, got ${inspect(sock)}`)
  }
  if (sock.fileno() === -1) throw new LoopError(`${inspect(sock)} is closed`, 'ERR_LOOP_STATE')
  loop._mustBeUnowned(sock.fileno())
}

/** What only means something with TLS must not be given without it. */
export function checkTls(options: TlsTimeouts & { ssl?: TlsOption | undefined }, serverHostname?: string | null): void {
  if (options.ssl) return
  if (serverHostname != null) throw new RangeError('serverHostname is only meaningful with ssl')
  if (options.sslHandshakeTimeout != null) throw new RangeError('sslHandshakeTimeout is only meaningful with ssl')
  if (options.sslShutdownTimeout != null) throw new RangeError('sslShutdownTimeout is only meaningful with ssl')
}

function checkedDelay(delay: unknown): number | null {
  if (delay === undefined) return defaultHappyEyeballsDelay
  if (delay === null) return null
  if (typeof delay !== 'number')
    throw new TypeError(`happyEyeballsDelay must be milliseconds or null, not ${inspect(delay)}`)
  if (delay >= 0) return delay
  throw new RangeError(`happyEyeballsDelay must be 0 or more, not ${delay}`)
}

function checkedInterleave(interleave: unknown, delay: number | null): number {
  if (interleave === undefined || interleave === null) return delay === null ? 0 : 1
  if (typeof interleave !== 'number') throw new TypeError(`interleave must be a number, not ${inspect(interleave)}`)
  if (Number.isInteger(interleave) && interleave >= 0) return interleave
  throw new RangeError(`interleave must be an integer of 0 or more, not ${interleave}`)
}
