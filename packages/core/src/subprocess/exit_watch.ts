import type { ProcessOps, SocketOps } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import { errno } from '../errors/errno.js'
import { NotImplementedError, systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'

/** How a watch gets a descriptor that becomes readable when a child has ended. */
export interface ExitDescriptor {
  /** The system call, for errors. */
  readonly syscall: string
  open(processes: ProcessOps, pid: number): number
  /** Whether the child can be reaped through it. */
  readonly isPidfd: boolean
}

/** What a child's status is said to be if somebody else has reaped it. asyncio says the same. */
const unknownStatus = 255

/** Waits for the end of one child, and reaps it: nobody else may, and no other child is touched. */
export class ExitWatch {
  readonly #loop: SocketEventLoop
  readonly #ops: SocketOps
  readonly #processes: ProcessOps
  readonly #pid: number
  readonly #pidfd: number
  readonly #callback: (returncode: number) => void
  #fd: number

  constructor(loop: SocketEventLoop, pid: number, how: ExitDescriptor, callback: (returncode: number) => void) {
    this.#loop = loop
    this.#ops = currentBackend().sockets
    this.#processes = processOps()
    this.#pid = pid
    this.#callback = callback
    const fd = how.open(this.#processes, pid)
    if (fd < 0) throw systemError(fd, how.syscall)
    this.#fd = fd
    this.#pidfd = how.isPidfd ? fd : -1
    try {
      loop._addReader(fd, () => this.#ready())
    } catch (error) {
      this.#fd = -1
      this.#ops.close(fd)
      throw error
    }
    loop._children.add(this)
  }

  #ready(): void {
    const status = new Int32Array(1)
    const result = this.#processes.reap(this.#pid, this.#pidfd, status)
    if (result === 0) return
    this.close()
    if (result < 0) warnOfUnknown(this.#pid, result)
    this.#callback(result < 0 ? unknownStatus : status[0]!)
  }

  /** Waits no longer; the child is not reaped. Idempotent. */
  close(): void {
    const fd = this.#fd
    if (fd === -1) return
    this.#fd = -1
    this.#loop._children.delete(this)
    this.#loop._removeReader(fd)
    this.#ops.close(fd)
  }

  /** @internal */
  _release(): void {
    this.close()
  }
}

function warnOfUnknown(pid: number, result: number): void {
  const why = result === -errno.ECHILD ? 'somebody else has waited for it' : `waitid(2) gave ${result}`
  process.emitWarning(`The exit status of process ${pid} is unknown (${why}); ${unknownStatus} stands for it`, {
    code: 'LOOP_UNKNOWN_CHILD',
  })
}

/** @throws NotImplementedError where the backend starts no processes */
export function processOps(): ProcessOps {
  const backend = currentBackend()
  if (backend.processes !== undefined) return backend.processes
  throw new NotImplementedError('subprocess', backend.package, 'use node:child_process beside the loop')
}
