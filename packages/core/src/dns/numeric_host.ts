import { isIP, SocketAddress } from 'node:net'
import type { InetAddress } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import { constants } from '../sockets/constants.js'

/** A host without its port. */
export type HostAddress = Omit<InetAddress, 'port'>

/** An address that was written as one, in the system's own notation; or null for a name. `fe80::1%eth0` has a zone. */
export function numericHost(host: string): HostAddress | null {
  switch (isIP(host)) {
    case 4:
      return { host, family: 'IPv4' }
    case 6: {
      const [address, zone] = host.split('%') as [string, string?]
      const canonical = new SocketAddress({ address, family: 'ipv6' }).address
      return { host: canonical, family: 'IPv6', flowinfo: 0, scopeid: zone === undefined ? 0 : scopeOf(zone) }
    }
    default:
      return null
  }
}

/** What getaddrinfo(3) gives for no host, in its order: every interface, or this machine. */
export function unnamedHosts(passive: boolean): HostAddress[] {
  const inet = (host: string): HostAddress => ({ host, family: 'IPv4' })
  const inet6 = (host: string): HostAddress => ({ host, family: 'IPv6', flowinfo: 0, scopeid: 0 })
  return passive ? [inet('0.0.0.0'), inet6('::')] : [inet6('::1'), inet('127.0.0.1')]
}

/** Whether `address` is of the family that was asked for; 0 is any. */
export function isOfFamily(address: HostAddress, family: number): boolean {
  return family === 0 || constants[address.family === 'IPv6' ? 'AF_INET6' : 'AF_INET'] === family
}

function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone)
  return Math.max(0, currentBackend().sockets.ifNameToIndex(zone))
}
