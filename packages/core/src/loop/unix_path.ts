import { unlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { socketFile } from './socket_file.js'

/** Where a Unix socket is bound; a Buffer where it need not be UTF-8. A leading NUL is the abstract namespace. */
export type Path = string | Buffer

export function isAbstract(path: Path): boolean {
  return path.length === 0 || path[0] === '\0' || path[0] === 0
}

/**
 * The path itself; `what` names the argument in the error.
 * @throws TypeError, RangeError for what cannot be one
 */
export function checkedPath(path: unknown, what = 'path'): Path {
  const plain = path instanceof URL ? fileURLToPath(path) : path
  if (typeof plain !== 'string' && !Buffer.isBuffer(plain)) {
    throw new TypeError(`${what} must be a string, a Buffer or a file URL, not ${inspect(path)}`)
  }
  if (plain.length === 0) throw new RangeError(`${what} must not be empty`)
  if (!isAbstract(plain) && plain.includes('\0'))
    throw new RangeError(`${what} must not contain a NUL, except in front`)
  return plain
}

/** A socket's file outlives its socket, and keeps the next one from binding. */
export function removeStaleSocket(path: Path): void {
  if (isAbstract(path)) return
  try {
    if (socketFile(path) !== null) unlinkSync(path)
  } catch (error) {
    // The directory may let sockets be made and not removed; bind(2) will tell whether it matters.
    process.emitWarning(
      `Unable to check or remove the stale Unix socket ${inspect(path.toString())}: ${(error as Error).message}`,
    )
  }
}
