import { inspect } from 'node:util'
import { type ProcessOps, type SocketOps, STDIO_INHERIT, STDIO_NULL } from '../backend/contract.js'
import { systemError } from '../errors/index.js'
import { descriptorOf } from '../sockets/descriptor.js'
import { DEVNULL, PIPE, STDOUT, type SubprocessOptions, type TerminalSize } from './options.js'

/** What a standard stream is to be; a number is a descriptor of this program. */
type Stream = 'pipe' | 'terminal' | 'ignore' | 'inherit' | 'stdout' | number

/** The three standard streams as they were asked for. */
export interface StdioPlan {
  readonly streams: readonly [Stream, Stream, Stream]
  /** What was given where a stream is a descriptor. */
  readonly given: readonly [unknown, unknown, unknown]
  readonly size: TerminalSize | null
}

const names = ['stdin', 'stdout', 'stderr'] as const

/**
 * @param leftOut what a stream is that the options do not mention
 * @throws TypeError, RangeError
 */
export function stdioPlan(options: SubprocessOptions, leftOut: 'pipe' | 'inherit'): StdioPlan {
  const size = terminalSize(options.pty)
  const stream = (index: 0 | 1 | 2): Stream => {
    const given = options[names[index]]
    if (size !== null && (given === undefined || (given === PIPE && index < 2))) return 'terminal'
    return given === undefined ? leftOut : checkedStream(given, index)
  }
  const streams: StdioPlan['streams'] = [stream(0), stream(1), stream(2)]
  if (size !== null && streams[0] !== 'terminal' && streams[1] !== 'terminal') {
    throw new RangeError('pty needs standard input or output, and both are something else')
  }
  return { streams, given: [options.stdin, options.stdout, options.stderr], size }
}

function checkedStream(given: unknown, index: number): Stream {
  if (given === null || given === 'inherit') return 'inherit'
  if (given === PIPE || given === DEVNULL) return given
  if (given === STDOUT) {
    if (index === 2) return given
    throw new RangeError(`STDOUT can only be what stderr is, not ${names[index]}`)
  }
  if (typeof given === 'string') {
    throw new RangeError(`${names[index]} must be PIPE, DEVNULL, 'inherit' or a descriptor, not ${inspect(given)}`)
  }
  return descriptorOf(given as number)
}

function terminalSize(pty: SubprocessOptions['pty']): TerminalSize | null {
  if (pty === undefined || pty === false || pty === null) return null
  if (pty === true) return { rows: 0, columns: 0 }
  if (typeof pty !== 'object') throw new TypeError(`pty must be true, false or { columns, rows }, not ${inspect(pty)}`)
  for (const [name, value] of Object.entries({ columns: pty.columns, rows: pty.rows })) {
    if (typeof value !== 'number') throw new TypeError(`pty.${name} must be a number, not ${inspect(value)}`)
    if (!Number.isInteger(value) || value < 1 || value > 0xffff) {
      throw new RangeError(`pty.${name} must be an integer from 1 to 65535, not ${value}`)
    }
  }
  return pty
}

/** A descriptor through which this program talks with a child. */
export interface ParentEnd {
  readonly fd: number
  readonly isTerminal: boolean
}

/** The descriptors of a child's standard streams, on both sides. Everything is closed if one cannot be opened. */
export class ChildStdio {
  /** For 0, 1 and 2: what the child gets. */
  readonly child = new Int32Array(3)
  /** The child's side of a pseudo-terminal, or -1. */
  terminal = -1
  /** For 0, 1 and 2: this program's end, if there is one. */
  readonly parent: (ParentEnd | null)[] = [null, null, null]
  /**
   * A descriptor of the pseudo-terminal that is in no transport, or -1. When the last one is closed the terminal hangs up,
   * and that would kill a child that has only closed its own side and goes on.
   */
  held = -1
  readonly #ops: SocketOps
  readonly #processes: ProcessOps
  readonly #childEnds: number[] = []

  constructor(ops: SocketOps, processes: ProcessOps, plan: StdioPlan) {
    this.#ops = ops
    this.#processes = processes
    try {
      if (plan.size !== null) this.#openTerminal(plan, plan.size)
      for (const [index, stream] of plan.streams.entries()) this.child[index] = this.#open(stream, index)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The child has its own by now. */
  closeChildEnds(): void {
    for (const fd of this.#childEnds.splice(0)) this.#ops.close(fd)
  }

  close(): void {
    this.closeChildEnds()
    for (const end of this.parent.splice(0)) if (end !== null) this.#ops.close(end.fd)
    this.release()
  }

  /** The child has ended, and whoever else has the terminal may see it hang up. */
  release(): void {
    if (this.held !== -1) this.#ops.close(this.held)
    this.held = -1
  }

  #open(stream: Stream, index: number): number {
    switch (stream) {
      case 'pipe':
        return this.#openPipe(index)
      case 'terminal':
        return this.terminal
      case 'ignore':
        return STDIO_NULL
      case 'inherit':
        return STDIO_INHERIT
      case 'stdout':
        return this.child[1] === STDIO_INHERIT ? 1 : this.child[1]!
      default:
        return stream
    }
  }

  #openPipe(index: number): number {
    const pair = new Int32Array(2)
    const result = this.#processes.pipe(pair)
    if (result < 0) throw systemError(result, 'pipe')
    const [reading, writing] = pair as unknown as [number, number]
    this.parent[index] = { fd: index === 0 ? writing : reading, isTerminal: false }
    const childEnd = index === 0 ? reading : writing
    this.#childEnds.push(childEnd)
    return childEnd
  }

  /** Whoever reads and whoever writes has a descriptor of their own: each transport closes its one. */
  #openTerminal({ streams }: StdioPlan, { rows, columns }: TerminalSize): void {
    const pair = new Int32Array(2)
    const name = this.#processes.openpty(rows, columns, pair)
    if (typeof name === 'number') throw systemError(name, 'openpty')
    const [master, slave] = pair as unknown as [number, number]
    this.terminal = slave
    this.#childEnds.push(slave)
    this.held = master
    for (const index of [0, 1]) {
      if (streams[index] !== 'terminal') continue
      const fd = this.#ops.dup(master)
      if (fd < 0) throw systemError(fd, 'dup')
      this.parent[index] = { fd, isTerminal: true }
    }
  }
}
