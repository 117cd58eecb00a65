import { promises } from 'node:dns'
import { inspect } from 'node:util'
import type { InetAddress } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { checkedPort } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import { numericHost } from './numeric_host.js'
import { resolverError } from './resolver_error.js'

/**
 * The names of an address: getnameinfo(3).
 * @param sockaddr a numeric host and a port
 * @param flags of `NI_NUMERICHOST`, `NI_NUMERICSERV`, `NI_NAMEREQD`, `NI_NOFQDN`, `NI_DGRAM`
 * @param options `signal`: ends the wait; the resolver goes on
 * @returns the host's name and the service's; their numbers where there is no name
 * @throws RangeError for a host that is no address; `ENOTFOUND` if a name is required and there is none
 */
export function getnameinfo(
  loop: SocketEventLoop,
  sockaddr: InetAddress,
  flags = 0,
  options: Abortable = {},
): Promise<[string, string]> {
  const { host, port } = (typeof sockaddr === 'object' && sockaddr !== null ? sockaddr : {}) as Partial<InetAddress>
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw new TypeError(`An address is an object { host, port } with a string and a number, not ${inspect(sockaddr)}`)
  }
  if (typeof flags !== 'number') throw new TypeError(`flags must be a number, not ${inspect(flags)}`)
  checkedPort(port)
  if (numericHost(host) === null)
    throw new RangeError(`${inspect(host)} is not a numeric address: getnameinfo() takes no names`)
  return names(loop, host, port, flags, options.signal)
}

async function names(
  loop: SocketEventLoop,
  host: string,
  port: number,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<[string, string]> {
  loop._mustBeOpen()
  if (signal?.aborted) throw abortError(signal)
  return [await hostName(loop, host, flags, signal), serviceName(port, flags)]
}

async function hostName(
  loop: SocketEventLoop,
  host: string,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const required = (flags & constants['NI_NAMEREQD']!) !== 0
  if ((flags & constants['NI_NUMERICHOST']!) !== 0) {
    if (required) throw resolverError('ENOTFOUND', 'getnameinfo', host, 'a name was required and a number asked for')
    return host
  }
  try {
    // The service is looked up apart, because Node's call knows only those of TCP.
    const { hostname } = await abortable(wrapFuture(promises.lookupService(host, 0), { loop }), signal)
    return (flags & constants['NI_NOFQDN']!) !== 0 ? hostname.split('.', 1)[0]! : hostname
  } catch (error) {
    if (required || (error as { code?: string }).code !== 'ENOTFOUND') throw error
    return host
  }
}

function serviceName(port: number, flags: number): string {
  if ((flags & constants['NI_NUMERICSERV']!) !== 0) return String(port)
  const proto = (flags & constants['NI_DGRAM']!) !== 0 ? 'udp' : 'tcp'
  return currentBackend().sockets.getservbyport(port, proto) ?? String(port)
}
