import { isIPv4, isIPv6 } from 'node:net'
import { inspect } from 'node:util'
import type { InetAddress } from '../backend/contract.js'
import type { AddrInfo } from '../dns/addr_info.js'
import { systemError } from '../errors/index.js'
import { checkedPort } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import type { Abortable } from '../tasks/abortable.js'
import type { ResolverHints } from './options.js'
import type { SocketEventLoop } from './socket_event_loop.js'

type Host = string | null | undefined
type Port = number | string | null | undefined

/** @throws TypeError or RangeError unless they can be resolved; `what` names the option in the message */
export function checkHostAndPort(host: unknown, port: unknown, what = ''): void {
  if (host !== undefined && host !== null && typeof host !== 'string') {
    throw new TypeError(`${what}host must be a string or null, not ${inspect(host)}`)
  }
  if (typeof host === 'string' && host.includes('\0')) throw new RangeError(`${what}host must not contain a NUL`)
  if (port === undefined || port === null || typeof port === 'string') {
    if (isDigits(port)) checkedPort(Number(port))
    return
  }
  if (typeof port !== 'number')
    throw new TypeError(`${what}port must be a number or the name of a service, not ${inspect(port)}`)
  checkedPort(port)
}

/** @throws TypeError, RangeError unless they are numbers of `constants` */
export function checkHints(hints: ResolverHints): void {
  for (const name of ['family', 'proto', 'flags'] as const) {
    const value = hints[name]
    if (value === undefined) continue
    if (typeof value !== 'number') throw new TypeError(`${name} must be a number of constants, not ${inspect(value)}`)
    if (!Number.isInteger(value)) throw new RangeError(`${name} must be an integer, not ${value}`)
  }
}

type Scoped = { scope?: Pick<InetAddress, 'flowinfo' | 'scopeid'> }

/**
 * The addresses of a host and port of streams. Numeric ones skip the resolver. asyncio: `_ensure_resolved`.
 * @throws the resolver's error; a system error `ENOTFOUND` if it gives nothing
 */
export function resolveStream(
  loop: SocketEventLoop,
  host: Host,
  port: Port,
  options: ResolverHints & Abortable & Scoped,
): Promise<AddrInfo[]> {
  const proto = options.proto || constants['IPPROTO_TCP']!
  return resolve(loop, host, port, { ...options, type: constants['SOCK_STREAM']! }, proto)
}

/** The same of datagrams. */
export function resolveDatagram(
  loop: SocketEventLoop,
  host: Host,
  port: Port,
  options: ResolverHints & Abortable & Scoped,
): Promise<AddrInfo[]> {
  const proto = options.proto || constants['IPPROTO_UDP']!
  return resolve(loop, host, port, { ...options, type: constants['SOCK_DGRAM']! }, proto)
}

async function resolve(
  loop: SocketEventLoop,
  host: Host,
  port: Port,
  options: ResolverHints & Abortable & Scoped & { type: number },
  numericProto: number,
): Promise<AddrInfo[]> {
  const numeric = numericAddress(host, port, options, numericProto)
  if (numeric !== null) return [numeric]
  const { family = 0, proto = 0, flags = 0, type, signal } = options
  const hints = { family, proto, flags, type, signal }
  const infos = await loop.getaddrinfo(host ?? null, port ?? null, hints)
  if (infos.length > 0) return infos
  throw Object.assign(new Error(`getaddrinfo(${inspect(host)}) returned empty list`), {
    code: 'ENOTFOUND',
    errno: -3007,
    syscall: 'getaddrinfo',
    hostname: host,
  })
}

function numericAddress(
  host: Host,
  port: Port,
  hints: ResolverHints & Scoped & { type: number },
  proto: number,
): AddrInfo | null {
  if (typeof host !== 'string' || (typeof port === 'string' && port !== '' && !isDigits(port))) return null
  // A scoped address (fe80::1%eth0) names an interface, whose number the resolver knows.
  const family = isIPv4(host) ? 'IPv4' : isIPv6(host) && !host.includes('%') ? 'IPv6' : null
  if (family === null) return null
  if (hints.family !== undefined && hints.family !== 0 && hints.family !== familyNumber(family)) return null
  const address: InetAddress = { host, port: Number(port ?? 0), family, ...hints.scope }
  return { family, type: hints.type, proto, canonname: '', address }
}

function isDigits(port: unknown): port is string {
  return typeof port === 'string' && /^[0-9]+$/.test(port)
}

/** `constants.AF_INET` or `AF_INET6`. */
export function familyNumber(family: AddrInfo['family']): number {
  return constants[family === 'IPv6' ? 'AF_INET6' : 'AF_INET']!
}

/** As people write it: `127.0.0.1:80`, `[::1]:80`. */
export function addressText(address: InetAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/** The error of bind(2), which says where. */
export function bindError(result: number, address: InetAddress): Error {
  return systemError(result, 'bind', {
    address: address.host,
    port: address.port,
    message: `error while attempting to bind on address ${addressText(address)}`,
  })
}
