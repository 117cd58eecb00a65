import { ADDRCONFIG, ALL, promises, V4MAPPED } from 'node:dns'
import { inspect } from 'node:util'
import type { ResolverHints } from '../loop/options.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants } from '../sockets/constants.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import type { AddrInfo } from './addr_info.js'
import { type Kind, kindsFor } from './kinds.js'
import { type HostAddress, isOfFamily, numericHost, unnamedHosts } from './numeric_host.js'
import { resolverError } from './resolver_error.js'
import { checkedService, portFor, type Service } from './service_port.js'

type Hints = Required<Record<keyof ResolverHints, number>>

/**
 * Resolves a host and a service with the system's resolver, in the host's thread pool; numeric hosts need none.
 * @param host a name or address; null for this machine, or for every interface with `AI_PASSIVE`
 * @param port a number, a service's name, or null for 0
 * @returns as getaddrinfo(3): for every address one entry for each type of socket that fits the hints
 * @throws the resolver's errors with Node's codes: `ENOTFOUND`, `EAI_AGAIN`, ...
 */
export function getaddrinfo(
  loop: SocketEventLoop,
  host: string | Buffer | null,
  port: number | string | Buffer | null,
  options: ResolverHints & Abortable = {},
): Promise<AddrInfo[]> {
  const hints = checkedHints(options)
  return resolve(loop, checkedHost(host), port, checkedService(port), hints, options)
}

async function resolve(
  loop: SocketEventLoop,
  host: string | null,
  port: unknown,
  service: Service,
  hints: Hints,
  options: Abortable,
): Promise<AddrInfo[]> {
  loop._mustBeOpen()
  if (options.signal?.aborted) throw abortError(options.signal)
  if (host === null && (port === null || port === undefined)) {
    throw resolverError('ENOTFOUND', 'getaddrinfo', null, 'neither a host nor a port was given')
  }
  const ports = portsOf(host, service, hints)
  const addresses = await addressesOf(loop, host, hints, options)
  let canonname = (hints.flags & constants['AI_CANONNAME']!) === 0 ? '' : (host ?? '')
  return addresses.flatMap((address) =>
    ports.map(([kind, number]) => {
      const info = infoOf(address, kind, number, canonname)
      // As the system: only the first entry has it.
      canonname = ''
      return info
    }),
  )
}

function infoOf(address: HostAddress, kind: Kind, port: number, canonname: string): AddrInfo {
  const { host, family, ...scope } = address
  return { family: family!, type: kind.type, proto: kind.proto, canonname, address: { host, port, family, ...scope } }
}

/** Every type of socket that fits, with its port. */
function portsOf(host: string | null, service: Service, { type, proto, flags }: Hints): [Kind, number][] {
  const kinds = kindsFor(type, proto)
  if (kinds.length === 0) {
    throw resolverError('EAI_SOCKTYPE', 'getaddrinfo', host, `no socket has type ${type} and protocol ${proto}`)
  }
  const ports: [Kind, number][] = []
  for (const kind of kinds) {
    const port = portFor(service, kind, flags)
    if (port !== null) ports.push([kind, port])
  }
  if (ports.length === 0 && typeof service !== 'number') {
    throw resolverError(
      'EAI_SERVICE',
      'getaddrinfo',
      host,
      `no service ${inspect(service.name)} for this type of socket`,
    )
  }
  return ports
}

async function addressesOf(
  loop: SocketEventLoop,
  host: string | null,
  { family, flags }: Hints,
  options: Abortable,
): Promise<HostAddress[]> {
  if (host === null) {
    return unnamedHosts((flags & constants['AI_PASSIVE']!) !== 0).filter((address) => isOfFamily(address, family))
  }
  const numeric = numericHost(host)
  if (numeric !== null) return [inFamily(numeric, family, flags)]
  if ((flags & constants['AI_NUMERICHOST']!) !== 0) {
    throw resolverError('ENOTFOUND', 'getaddrinfo', host, 'not a numeric address (AI_NUMERICHOST)')
  }
  const lookup = promises.lookup(host, {
    all: true,
    verbatim: true,
    family: nodeFamily(family),
    hints: nodeHints(flags),
  })
  // The future lets a cancellation end the wait, and takes no result once the loop is closed.
  const found = await abortable(wrapFuture(lookup, { loop }), options.signal)
  return found.map(({ address }) => numericHost(address)!)
}

function inFamily(address: HostAddress, family: number, flags: number): HostAddress {
  if (isOfFamily(address, family)) return address
  if (family === constants['AF_INET6'] && (flags & constants['AI_V4MAPPED']!) !== 0) {
    return { host: `::ffff:${address.host}`, family: 'IPv6', flowinfo: 0, scopeid: 0 }
  }
  throw resolverError('EAI_ADDRFAMILY', 'getaddrinfo', address.host, `an address of another family than ${family}`)
}

function nodeFamily(family: number): 0 | 4 | 6 {
  return family === 0 ? 0 : family === constants['AF_INET6'] ? 6 : 4
}

function nodeHints(flags: number): number {
  const pairs = [
    [constants['AI_ADDRCONFIG'], ADDRCONFIG],
    [constants['AI_V4MAPPED'], V4MAPPED],
    [constants['AI_ALL'], ALL],
  ] as const
  return pairs.reduce((hints, [ours, nodes]) => (ours !== undefined && (flags & ours) !== 0 ? hints | nodes : hints), 0)
}

function checkedHost(host: unknown): string | null {
  if (host === null || host === undefined || host === '') return null
  const name = host instanceof Uint8Array ? Buffer.from(host).toString() : host
  if (typeof name !== 'string') throw new TypeError(`host must be a string, a Buffer or null, not ${inspect(host)}`)
  if (name.includes('\0')) throw new RangeError('A host name must not contain NUL')
  return name
}

function checkedHints({ family = 0, type = 0, proto = 0, flags = 0 }: ResolverHints): Hints {
  for (const [name, value] of Object.entries({ family, type, proto, flags })) {
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${inspect(value)}`)
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`${name} must be an integer of 0 or more, not ${value}`)
  }
  if (family !== 0 && family !== constants['AF_INET'] && family !== constants['AF_INET6']) {
    throw new RangeError(`family must be 0, constants.AF_INET or constants.AF_INET6, not ${family}`)
  }
  return { family, type: type & ~((constants['SOCK_NONBLOCK'] ?? 0) | (constants['SOCK_CLOEXEC'] ?? 0)), proto, flags }
}
