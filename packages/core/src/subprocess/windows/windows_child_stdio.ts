import { type PipeOps, STDIO_INHERIT, STDIO_NULL } from '../../backend/contract.js'
import { NotImplementedError, systemError } from '../../errors/index.js'
import { PipeHandle } from '../../proactor/pipe_handle.js'
import { Socket } from '../../sockets/socket.js'
import type { StdioPlan } from '../child_stdio.js'

/** The handles of a child's standard streams, on both sides. Everything is closed if one cannot be opened. */
export class WindowsChildStdio {
  /** For 0, 1 and 2: what the child gets. */
  readonly child: [number, number, number] = [STDIO_INHERIT, STDIO_INHERIT, STDIO_INHERIT]
  /** For 0, 1 and 2: this program's end, if there is one. */
  readonly parent: (PipeHandle | null)[] = [null, null, null]
  readonly #pipes: PipeOps
  readonly #childEnds: number[] = []

  constructor(pipes: PipeOps, plan: StdioPlan) {
    this.#pipes = pipes
    try {
      for (const index of [0, 1, 2] as const) this.child[index] = this.#open(plan, index)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The child has its own by now. */
  closeChildEnds(): void {
    for (const handle of this.#childEnds.splice(0)) this.#pipes.close(handle)
  }

  close(): void {
    this.closeChildEnds()
    for (const end of this.parent.splice(0)) end?.close()
  }

  #open(plan: StdioPlan, index: 0 | 1 | 2): number {
    const stream = plan.streams[index]
    switch (stream) {
      case 'pipe':
        return this.#openPipe(index)
      case 'terminal':
        throw new NotImplementedError('pty', 'Windows', 'the child gets pipes')
      case 'ignore':
        return STDIO_NULL
      case 'inherit':
        return STDIO_INHERIT
      case 'stdout':
        return this.child[1] === STDIO_INHERIT ? this.#hostHandle(1) : this.child[1]
      default:
        return this.#isHandle(plan.given[index]) ? stream : this.#hostHandle(stream)
    }
  }

  /** A socket's number is its handle; other numbers are those of the host's own files. */
  #isHandle(given: unknown): boolean {
    return given instanceof Socket || given instanceof PipeHandle
  }

  #hostHandle(fd: number): number {
    const handle = this.#pipes.hostHandle(fd)
    if (handle < 0) throw systemError(handle, 'spawn', { message: `descriptor ${fd} is not open` })
    return handle
  }

  /** Only this program's end is for overlapped operation: the child's C library knows nothing of that. */
  #openPipe(index: number): number {
    const isInput = index === 0
    const pair = new Int32Array(2)
    // The end that writes the child's input can also read, and so learns that nobody reads it any more.
    const result = this.#pipes.openPipe(pair, !isInput, isInput, isInput)
    if (result < 0) throw systemError(result, 'CreateNamedPipe')
    const [reading, writing] = pair as unknown as [number, number]
    this.parent[index] = new PipeHandle(isInput ? writing : reading)
    const childEnd = isInput ? reading : writing
    this.#childEnds.push(childEnd)
    return childEnd
  }
}
