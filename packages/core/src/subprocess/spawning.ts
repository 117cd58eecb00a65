import type { ProcessOps, SocketOps, SpawnRequest } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants as numbers } from '../sockets/constants.js'

/** A child on its way. It is started by a thread of the backend's; the loop goes on meanwhile. */
export class Spawning {
  /** Its process id; rejects with the error of the call that failed, here or in the child. */
  readonly outcome: Promise<number>
  readonly #loop: SocketEventLoop
  readonly #ops: SocketOps
  readonly #processes: ProcessOps
  readonly #request: SpawnRequest
  readonly #program: string
  readonly #fd: number
  #settle: { resolve(pid: number): void; reject(error: Error): void }

  /**
   * @param program what was asked for, for errors
   * @throws what the system answers at once. The request's descriptors may be closed as soon as this returns.
   */
  constructor(loop: SocketEventLoop, ops: SocketOps, processes: ProcessOps, request: SpawnRequest, program: string) {
    this.#loop = loop
    this.#ops = ops
    this.#processes = processes
    this.#request = request
    this.#program = program
    const fd = processes.spawn(request)
    if (fd < 0) throw this.#error(fd, 'spawn')
    this.#fd = fd
    this.#settle = { resolve: () => {}, reject: () => {} }
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    loop._children.add(this)
    try {
      loop._addReader(fd, () => this.#ready())
    } catch (error) {
      this._release()
      throw error
    }
  }

  #ready(): void {
    const failure: { syscall?: string } = {}
    const result = this.#processes.spawned(this.#fd, failure)
    if (result === -errno.EAGAIN) return
    this.#loop._removeReader(this.#fd)
    this.#loop._children.delete(this)
    this.#ops.close(this.#fd)
    if (result > 0) this.#settle.resolve(result)
    else this.#settle.reject(this.#error(result, failure.syscall ?? 'spawn'))
  }

  #error(result: number, syscall: string): Error {
    const path = syscall === 'execve' ? this.#program : syscall === 'chdir' ? this.#request.cwd : null
    return systemError(result, syscall, path === null ? {} : { path })
  }

  /** @internal nobody waits any more: the child is killed, by the thread if it is not there yet */
  _release(): void {
    this.#loop._children.delete(this)
    // What the thread has said by now can be read, and from now on it is told that nobody listens.
    this.#ops.shutdown(this.#fd, numbers['SHUT_RD']!)
    const pid = this.#processes.spawned(this.#fd, {})
    this.#ops.close(this.#fd)
    if (pid > 0) abandonChild(this.#processes, pid)
  }
}

/** Kills a child, and leaves it to a thread that reaps it: nobody is left who would. */
export function abandonChild(processes: ProcessOps, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // One that has changed its user may refuse. It is reaped when it ends by itself.
  }
  processes.reapInThread(pid)
}
