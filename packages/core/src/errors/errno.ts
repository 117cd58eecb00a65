import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

type Numbers = Readonly<typeof constants.errno>

/**
 * The system's errors by their names: positive numbers, whose negatives native calls give and `error.errno` has. On Windows
 * these are not the C library's, which Node does not use either, but libuv's.
 */
export const errno: Numbers = {
  ...constants.errno,
  ...Object.fromEntries([...getSystemErrorMap()].map(([number, [name]]) => [name, -number])),
  ...(process.platform === 'win32' ? aliases() : {}),
}

/** Names that libuv knows by another one. */
function aliases(): Partial<Numbers> {
  const numbers = new Map([...getSystemErrorMap()].map(([number, [name]]) => [name, -number]))
  return { EWOULDBLOCK: numbers.get('EAGAIN')!, EOPNOTSUPP: numbers.get('ENOTSUP')! }
}
