import { inspect } from 'node:util'
import type { InetAddress } from '../backend/contract.js'
import { type SystemError, systemError } from '../errors/index.js'
import { isInet, numericAddress } from './address.js'
import type { Socket } from './socket.js'

/** An interface by its name (`'eth0'`) or number; left out: the system's choice. */
export type Interface = string | number

/** Of `joinGroup` and `leaveGroup`. */
export interface GroupOptions {
  /** Where to listen. */
  interface?: Interface | undefined
  /** The only sender to hear; anybody if left out. RFC 4607. */
  source?: string | undefined
}

/** @throws TypeError, RangeError for what is no address of the socket's family, or no interface; the system's error */
export function changeMembership(
  sock: Socket,
  call: 'joinGroup' | 'leaveGroup',
  group: string,
  { interface: given, source }: GroupOptions,
): void {
  const fd = sock._open()
  const [of, from] = [hostOf(sock, group, 'group'), source === undefined ? null : hostOf(sock, source, 'source')]
  const result = sock._ops[call](fd, sock.family, indexOf(sock, given), of, from)
  if (result < 0) throw systemError(result, 'setsockopt', { address: group })
}

/** @throws as {@link changeMembership} */
export function setMulticastInterface(sock: Socket, given: Interface): void {
  const fd = sock._open()
  mustBeInet(sock)
  const result = sock._ops.setMulticastInterface(fd, sock.family, indexOf(sock, given))
  if (result < 0) throw systemError(result, 'setsockopt')
}

function mustBeInet(sock: Socket): void {
  if (!isInet(sock.family)) throw new RangeError(`Multicast groups are of IPv4 and IPv6, not of ${inspect(sock)}`)
}

function hostOf(sock: Socket, host: unknown, what: string): InetAddress {
  mustBeInet(sock)
  if (typeof host !== 'string') throw new TypeError(`${what} must be a numeric address, not ${inspect(host)}`)
  if (host === '') throw new RangeError(`${what} must be a numeric address, not an empty string`)
  return numericAddress(sock.family, { host, port: 0 }) as InetAddress
}

function indexOf(sock: Socket, given: Interface | undefined): number {
  if (given === undefined) return 0
  if (typeof given === 'number') {
    if (Number.isInteger(given) && given >= 0 && given <= 0x7fffffff) return given
    throw new RangeError(`The number of an interface must be an integer of 0 or more, not ${given}`)
  }
  if (typeof given !== 'string') throw new TypeError(`interface must be a name or a number, not ${inspect(given)}`)
  const index = sock._ops.ifNameToIndex(given)
  if (index <= 0) throw noInterface(index, given)
  return index
}

function noInterface(result: number, name: string): SystemError {
  return systemError(result, 'if_nametoindex', { message: `there is no interface ${inspect(name)}` })
}
