import { inspect } from 'node:util'
import { currentBackend } from '../backend/load.js'

/**
 * The platform's numbers by their C names: `constants.AF_INET`, `constants.SO_REUSEPORT`, `constants.EAGAIN`, ...
 * What this platform does not have is `undefined`. They come from the backend, which is loaded when one is first asked
 * for. Python: the constants of `socket` and `errno`.
 */
export const constants: Readonly<Record<string, number>> = new Proxy(Object.create(null) as Record<string, number>, {
  get: (_, name) => (typeof name === 'string' ? currentBackend().constants[name] : undefined),
  has: (_, name) => typeof name === 'string' && name in currentBackend().constants,
  ownKeys: () => Object.keys(currentBackend().constants),
  getOwnPropertyDescriptor: (_, name) =>
    typeof name === 'string' && name in currentBackend().constants
      ? { value: currentBackend().constants[name], enumerable: true, configurable: true }
      : undefined,
  set: () => false,
  deleteProperty: () => false,
  defineProperty: () => false,
})

/** A number, or the name of one: `1`, `'SOL_SOCKET'`. `what` names the argument in the error. */
export function constantOf(value: number | string, what: string): number {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value
    throw new RangeError(`${what} must be an integer, not ${value}`)
  }
  if (typeof value !== 'string')
    throw new TypeError(`${what} must be a number or the name of a constant, not ${inspect(value)}`)
  const number = currentBackend().constants[value]
  if (number === undefined) throw new RangeError(`${what}: this platform has no constant ${value}`)
  return number
}
