import { statSync } from 'node:fs'
import { currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import type { Path } from './unix_path.js'

/**
 * What tells the file of a Unix socket from every other one; null if there is none at `path`, or one that is no socket.
 * @throws errors of the system, such as those of directories that cannot be searched
 */
export function socketFile(path: Path): string | null {
  const { socketFile: ask } = currentBackend().sockets
  if (ask === undefined) {
    const found = statSync(path, { throwIfNoEntry: false })
    return found?.isSocket() ? `${found.dev}:${found.ino}` : null
  }
  const found = ask(path.toString())
  if (typeof found === 'number') throw systemError(found, 'stat', { path: path.toString() })
  return found
}
