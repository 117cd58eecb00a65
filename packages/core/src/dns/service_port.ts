import { inspect } from 'node:util'
import { currentBackend } from '../backend/load.js'
import { checkedPort } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import type { Kind } from './kinds.js'

/** A port as users give it: a number, or a service's name to look up. */
export type Service = number | { readonly name: string }

/** @throws TypeError, or RangeError for a number that is no port */
export function checkedService(port: unknown): Service {
  if (port === null || port === undefined) return 0
  if (typeof port === 'number') return checkedPort(port)
  if (typeof port !== 'string' && !(port instanceof Uint8Array)) {
    throw new TypeError(`port must be a number, the name of a service or null, not ${inspect(port)}`)
  }
  const name = typeof port === 'string' ? port : Buffer.from(port).toString()
  if (name === '') return 0
  return /^\d+$/.test(name) ? checkedPort(Number(name)) : { name }
}

/** The port of a service for one kind of socket, or null if the system knows none. */
export function portFor(service: Service, kind: Kind, flags: number): number | null {
  if (typeof service === 'number') return service
  if (kind.service === '' || (flags & constants['AI_NUMERICSERV']!) !== 0) return null
  const port = currentBackend().sockets.getservbyname(service.name, kind.service)
  return port < 0 ? null : port
}
