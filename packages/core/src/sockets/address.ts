import { isIPv4, isIPv6 } from 'node:net'
import { inspect } from 'node:util'
import type { Address, InetAddress } from '../backend/contract.js'
import { type SystemErrorDetails, systemError } from '../errors/index.js'
import { constants } from './constants.js'
import { packed } from './linux_address.js'

/** What the native functions take for a family. */
export type NativeAddress = InetAddress | string | Uint8Array

/** Whether addresses of `family` are `{ host, port }`. */
export function isInet(family: number): boolean {
  return family === constants['AF_INET'] || family === constants['AF_INET6']
}

/**
 * Checks the shape of an address for a socket of `family`; names are not resolved here.
 * @throws TypeError for the wrong kind of value, RangeError for a bad port
 */
export function checkedAddress(family: number, address: unknown): NativeAddress {
  if (isInet(family)) return checkedInet(address)
  if (family === constants['AF_UNIX']) {
    if (typeof address === 'string' || address instanceof Uint8Array) return address
    throw new TypeError(`The address of a Unix socket is a path (a string or a Uint8Array), not ${inspect(address)}`)
  }
  if (address instanceof Uint8Array) return address
  const bytes = packed(family, address)
  if (bytes !== undefined) return bytes
  throw new TypeError(
    `An address of family ${family} is given as the bytes of its structure after the family, in a Uint8Array, not ${inspect(address)}`,
  )
}

function checkedInet(address: unknown): InetAddress {
  const { host, port } = (typeof address === 'object' && address !== null ? address : {}) as Partial<InetAddress>
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw new TypeError(`An address is an object { host, port } with a string and a number, not ${inspect(address)}`)
  }
  return { ...(address as InetAddress), port: checkedPort(port) }
}

/** @throws RangeError unless it is an integer from 0 to 65535 */
export function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new RangeError(`A port must be an integer from 0 to 65535, not ${port}`)
}

/** Whether `host` needs no resolver for a socket of `family`: it is an address, or empty (every interface). */
export function isNumericHost(family: number, host: string): boolean {
  if (host === '') return true
  return family === constants['AF_INET6'] ? isIPv6(host) : isIPv4(host)
}

/**
 * As {@link checkedAddress} for a call that cannot wait for a resolver.
 * @throws RangeError for a host that is not a numeric address of the family
 */
export function numericAddress(family: number, address: unknown): NativeAddress {
  const checked = checkedAddress(family, address)
  if (!isInet(family)) return checked
  const { host } = checked as InetAddress
  if (isNumericHost(family, host)) return checked
  const version = family === constants['AF_INET6'] ? 'IPv6' : 'IPv4'
  throw new RangeError(
    `${inspect(host)} is not a numeric ${version} address: resolve names with loop.getaddrinfo(), or use loop.sockConnect()`,
  )
}

/** Where it happened, for a system error. */
export function detailsOf(address: Address | Uint8Array | undefined): SystemErrorDetails {
  if (typeof address === 'string') return { path: address }
  if (address === null || address === undefined) return {}
  if (address instanceof Uint8Array || !('host' in address)) return {}
  return { address: address.host, port: address.port }
}

function isPath(address: Address | Uint8Array): boolean {
  return typeof address === 'string' || address instanceof Uint8Array
}

/** Bytes of `sockaddr_un`'s path, with the terminating NUL. */
const unixPathRoom: Readonly<Record<string, number>> = { linux: 108, darwin: 104, win32: 108 }

/** The error of a call that was given `address`. */
export function addressError(result: number, syscall: string, address: Address | Uint8Array): Error {
  const details = detailsOf(address)
  // What Windows says of a Unix socket in a directory that is not there.
  if (result === -constants['ENETDOWN']! && process.platform === 'win32' && isPath(address))
    return systemError(-constants['ENOENT']!, syscall, details)
  if (result === -constants['ENAMETOOLONG']! && details.path !== undefined) {
    const room = unixPathRoom[process.platform] ?? 104
    details.message = `the path of a Unix socket may have at most ${room - 1} bytes, this one has ${Buffer.byteLength(details.path)}`
  }
  return systemError(result, syscall, details)
}
