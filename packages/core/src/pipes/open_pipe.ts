import { systemError } from '../errors/index.js'
import { processOps } from '../subprocess/exit_watch.js'
import type { TerminalSize } from '../subprocess/options.js'

/**
 * pipe(2): the descriptors of its reading and its writing end, blocking and close-on-exec. They are the caller's, until
 * `connectReadPipe` and `connectWritePipe` get them. Python: `os.pipe`.
 */
export function pipe(): [number, number] {
  const pair = new Int32Array(2)
  const result = processOps().pipe(pair)
  if (result < 0) throw systemError(result, 'pipe')
  return [pair[0]!, pair[1]!]
}

/** Both sides of a pseudo-terminal, and the path under which other programs can open the slave. */
export interface PseudoTerminal {
  /** The descriptor of the side that drives it. */
  master: number
  /** The descriptor of the side that a program has as its terminal. */
  slave: number
  /** Where the slave can be opened. */
  path: string
}

/** A pseudo-terminal, pty(7), blocking and close-on-exec. The descriptors are the caller's. Python: `os.openpty`. */
export function openpty(size: TerminalSize = { columns: 0, rows: 0 }): PseudoTerminal {
  const pair = new Int32Array(2)
  const path = processOps().openpty(size.rows, size.columns, pair)
  if (typeof path === 'number') throw systemError(path, 'openpty')
  return { master: pair[0]!, slave: pair[1]!, path }
}
