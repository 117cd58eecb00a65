import { inspect } from 'node:util'
import type { FdLike } from '../loop/event_loop.js'

/**
 * The number of something that has a descriptor: the number itself, Python's `fileno()`, or Node's `fd`.
 * @throws TypeError for what has none, RangeError for what cannot be one (negative: it was closed)
 */
export function descriptorOf(file: FdLike): number {
  const fd = numberOf(file)
  if (typeof fd !== 'number') {
    throw new TypeError(
      `A file descriptor is required (an integer, or an object with fileno() or fd), not ${inspect(file, { depth: 0 })}`,
    )
  }
  if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fffffff) return fd
  throw new RangeError(
    fd === -1 && typeof file === 'object'
      ? `The file descriptor of ${inspect(file, { depth: 0 })} is closed`
      : `A file descriptor must be an integer of 0 or more, not ${fd}`,
  )
}

function numberOf(file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return file
  if ('fileno' in file && typeof file.fileno === 'function') return file.fileno()
  return 'fd' in file ? file.fd : undefined
}
