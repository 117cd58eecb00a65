import { inspect } from 'node:util'
import type { Address, InetAddress } from '../backend/contract.js'
import type { AddrInfo } from '../dns/addr_info.js'
import { isSystemError, LoopError } from '../errors/index.js'
import { addressError, type NativeAddress } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import { Socket } from '../sockets/socket.js'
import { abortable, abortError } from '../tasks/abortable.js'
import { askForPacketInfo } from '../transports/packet_info.js'
import type { DatagramProtocol } from '../transports/protocols.js'
import { SelectorDatagramTransport } from '../transports/selector_datagram_transport.js'
import type { DatagramTransport } from '../transports/transport.js'
import { checkFactory, checkOptions } from './create_connection.js'
import type { DatagramEndpointOptions } from './options.js'
import { bindError, checkHints, checkHostAndPort, familyNumber, resolveDatagram } from './resolved_addresses.js'
import type { SocketEventLoop } from './socket_event_loop.js'
import { checkedPath, removeStaleSocket } from './unix_path.js'

/** What to make a socket of: one of the ways that fit the options. */
interface Attempt {
  readonly family: number
  readonly proto: number
  readonly local: NativeAddress | null
  readonly remote: NativeAddress | null
}

/** Everything that only means something for a socket of our own making. */
const modifiers = [
  'localAddr',
  'remoteAddr',
  'family',
  'proto',
  'flags',
  'reusePort',
  'allowBroadcast',
] as const satisfies readonly (keyof DatagramEndpointOptions)[]

/**
 * Makes a datagram socket over IPv4, IPv6 or a Unix path, or takes over `sock`, and joins it with a protocol.
 * @throws TypeError, RangeError for wrong options, NotImplementedError for what the platform lacks, at the call; later the error of the first socket that could not be made,
 *   bound or connected. asyncio: `create_datagram_endpoint`.
 */
export function createDatagramEndpoint<P extends DatagramProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  options: DatagramEndpointOptions,
): Promise<[DatagramTransport, P]> {
  loop._mustBeOpen()
  checkFactory(protocolFactory)
  checkOptions(options)
  if (options.packetInfo) loop._mustSupport('packetInfo')
  if (options.sock != null) return join(loop, protocolFactory, checkedSock(loop, options), null, options)
  checkHints(options)
  if (options.reusePort && !loop.supports('reusePort')) {
    throw new RangeError('reusePort is not supported: this platform has no SO_REUSEPORT')
  }
  if (!isUnix(options)) return make(loop, protocolFactory, options, inetAddresses(options))
  const attempts = unixAttempts(options)
  loop._mustSupport('unixDatagrams')
  return make(loop, protocolFactory, options, attempts)
}

/** @throws TypeError, RangeError unless it is an open datagram socket that stands alone among the options */
function checkedSock(loop: SocketEventLoop, options: DatagramEndpointOptions): Socket {
  const { sock } = options
  if (!(sock instanceof Socket)) throw new TypeError(`sock must be a Socket, not ${inspect(sock, { depth: 0 })}`)
  if (sock.type === constants['SOCK_STREAM'])
    throw new RangeError(`A datagram socket was expected, got ${inspect(sock)}`)
  const given = modifiers.filter((name) => options[name])
  if (given.length > 0) {
    const problems = given.map((name) => `${name}=${inspect(options[name])}`).join(', ')
    throw new RangeError(`socket modifier options can not be used when sock is specified. (${problems})`)
  }
  if (sock.fileno() === -1) throw new LoopError(`${inspect(sock)} is closed`, 'ERR_LOOP_STATE')
  loop._mustBeUnowned(sock.fileno())
  return sock
}

/** A path among the addresses says that it is a Unix socket. */
function isUnix({ family = 0, localAddr, remoteAddr }: DatagramEndpointOptions): boolean {
  if (family === constants['AF_UNIX']) return true
  return family === 0 && (isPath(localAddr) || isPath(remoteAddr))
}

function isPath(addr: unknown): boolean {
  return typeof addr === 'string' || Buffer.isBuffer(addr) || addr instanceof URL
}

function unixAttempts({ localAddr, remoteAddr, proto = 0 }: DatagramEndpointOptions): Attempt[] {
  for (const addr of [localAddr, remoteAddr]) {
    if (addr === undefined || addr === null || isPath(addr)) continue
    throw new RangeError(`can not get address information: ${inspect(addr)} is no path, as a Unix socket needs`)
  }
  const local = localAddr == null ? null : checkedPath(localAddr, 'localAddr')
  const remote = remoteAddr == null ? null : checkedPath(remoteAddr, 'remoteAddr')
  return [{ family: constants['AF_UNIX']!, proto, local, remote }]
}

interface InetAddresses {
  readonly local: InetAddress | null
  readonly remote: InetAddress | null
}

function inetAddresses({
  localAddr,
  remoteAddr,
  family = 0,
  proto = 0,
}: DatagramEndpointOptions): InetAddresses | Attempt[] {
  const local = checkedInetAddress(localAddr, 'localAddr')
  const remote = checkedInetAddress(remoteAddr, 'remoteAddr')
  if (local !== null || remote !== null) return { local, remote }
  if (family === 0) throw new RangeError('unexpected address family: give localAddr, remoteAddr or family')
  return [{ family, proto, local: null, remote: null }]
}

function checkedInetAddress(addr: unknown, name: string): InetAddress | null {
  if (addr === undefined || addr === null) return null
  const { host, port } = (typeof addr === 'object' ? addr : {}) as Partial<InetAddress>
  if (host === undefined || port === undefined) {
    throw new TypeError(`${name} must be { host, port }, or the path of a Unix socket, not ${inspect(addr)}`)
  }
  checkHostAndPort(host, port, `${name}.`)
  return addr as InetAddress
}

async function make<P extends DatagramProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  options: DatagramEndpointOptions,
  addresses: InetAddresses | Attempt[],
): Promise<[DatagramTransport, P]> {
  const { signal } = options
  if (signal?.aborted) throw abortError(signal)
  const attempts = Array.isArray(addresses) ? addresses : await resolved(loop, addresses, options)
  const [sock, remote] = await firstSocket(loop, attempts, options)
  return join(loop, protocolFactory, sock, remote, options)
}

/** One for each family and protocol for which every address that was given has an answer. */
async function resolved(
  loop: SocketEventLoop,
  { local, remote }: InetAddresses,
  options: DatagramEndpointOptions,
): Promise<Attempt[]> {
  const locals = local === null ? null : await addressesOf(loop, local, options, constants['AI_PASSIVE'] ?? 0)
  const remotes = remote === null ? null : await addressesOf(loop, remote, options, 0)
  const attempts = (locals ?? remotes)!.map(({ family, proto }): Attempt | null => {
    const fits = (info: AddrInfo) => info.family === family && info.proto === proto
    const [from, to] = [locals?.find(fits), remotes?.find(fits)]
    if ((locals !== null && from === undefined) || (remotes !== null && to === undefined)) return null
    return { family: familyNumber(family), proto, local: from?.address ?? null, remote: to?.address ?? null }
  })
  const distinct = attempts.filter(
    (attempt, index) => attempt !== null && attempts.findIndex((other) => isSameKind(attempt, other)) === index,
  )
  if (distinct.length > 0) return distinct as Attempt[]
  throw new RangeError(
    `can not get address information: localAddr ${inspect(local)} and remoteAddr ${inspect(remote)} have no family in common`,
  )
}

function isSameKind(one: Attempt, other: Attempt | null): boolean {
  return other !== null && other.family === one.family && other.proto === one.proto
}

/** @param passive the flag that makes of no host every interface */
function addressesOf(
  loop: SocketEventLoop,
  { host, port, flowinfo, scopeid }: InetAddress,
  { family, proto, flags = 0, signal }: DatagramEndpointOptions,
  passive: number,
): Promise<AddrInfo[]> {
  const scope = { ...(flowinfo !== undefined && { flowinfo }), ...(scopeid !== undefined && { scopeid }) }
  return resolveDatagram(loop, host, port, { family, proto, flags: host ? flags : flags | passive, signal, scope })
}

/** The first attempt that succeeds, and where it sends to without being connected; or the first one's error. */
async function firstSocket(
  loop: SocketEventLoop,
  attempts: readonly Attempt[],
  options: DatagramEndpointOptions,
): Promise<[Socket, Address]> {
  const failures: Error[] = []
  for (const attempt of attempts) {
    try {
      return [await preparedSocket(loop, attempt, options), options.allowBroadcast ? (attempt.remote as Address) : null]
    } catch (error) {
      if (!isSystemError(error)) throw error
      failures.push(error)
    }
  }
  throw failures[0]
}

async function preparedSocket(
  loop: SocketEventLoop,
  { family, proto, local, remote }: Attempt,
  { reusePort, allowBroadcast, signal }: DatagramEndpointOptions,
): Promise<Socket> {
  const sock = new Socket({ family, type: constants['SOCK_DGRAM']!, proto })
  try {
    if (reusePort) setReusePort(sock)
    if (allowBroadcast) sock.setsockopt('SOL_SOCKET', 'SO_BROADCAST', true)
    if (local !== null) bind(sock, local)
    if (remote !== null && !allowBroadcast) await loop.sockConnect(sock, remote as Address, { signal })
    return sock
  } catch (error) {
    sock.close()
    throw error
  }
}

function setReusePort(sock: Socket): void {
  try {
    sock.setsockopt('SOL_SOCKET', 'SO_REUSEPORT', true)
  } catch (cause) {
    throw new RangeError(`reusePort is not supported by ${inspect(sock)}`, { cause })
  }
}

function bind(sock: Socket, local: NativeAddress): void {
  if (typeof local === 'string' || Buffer.isBuffer(local)) removeStaleSocket(local)
  const result = sock._ops.bind(sock.fileno(), sock.family, local)
  if (result >= 0) return
  if (typeof local === 'string' || local instanceof Uint8Array) throw addressError(result, 'bind', local)
  throw bindError(result, local)
}

/** Makes the protocol and the transport; the socket is closed if that fails or is cancelled. */
async function join<P extends DatagramProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  sock: Socket,
  remote: Address,
  { packetInfo = false, signal }: DatagramEndpointOptions,
): Promise<[DatagramTransport, P]> {
  let transport: SelectorDatagramTransport | null = null
  try {
    if (signal?.aborted) throw abortError(signal)
    if (packetInfo) askForPacketInfo(sock)
    const protocol = protocolFactory()
    const waiter = loop.createFuture<void>()
    transport = new SelectorDatagramTransport(loop, sock, protocol, { remote, packetInfo, waiter })
    await abortable(waiter, signal)
    return [transport, protocol]
  } catch (error) {
    if (transport === null) sock.close()
    else transport.close()
    throw error
  }
}
