import type { NativeChild, SpawnFailure, WindowsProcessOps, WindowsSpawnRequest } from '../../backend/contract.js'
import { systemError } from '../../errors/index.js'
import type { ProactorEventLoop } from '../../loop/proactor_event_loop.js'
import { Operation } from '../../proactor/operation.js'

/** A child on its way. It is started by a thread of the backend's; the loop goes on meanwhile. */
export class WindowsSpawning {
  /** The child, and its process id; rejects with the error of the start. */
  readonly outcome: Promise<[NativeChild, number]>
  readonly #loop: ProactorEventLoop
  readonly #processes: WindowsProcessOps
  readonly #request: WindowsSpawnRequest
  readonly #program: string
  readonly #child: NativeChild
  readonly #waiting: Operation
  #settle!: { resolve(born: [NativeChild, number]): void; reject(error: Error): void }

  /**
   * @param program what was asked for, for errors
   * @throws what the system answers at once. The request's handles may be closed as soon as this returns.
   */
  constructor(loop: ProactorEventLoop, processes: WindowsProcessOps, request: WindowsSpawnRequest, program: string) {
    this.#loop = loop
    this.#processes = processes
    this.#request = request
    this.#program = program
    const child = processes.spawn(request)
    if (typeof child === 'number') throw this.#error(child, {})
    this.#child = child
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#waiting = new Operation(loop, () => this.#ready())
    loop._children.add(this)
    loop._proactor._begin(this.#waiting, (native, slot, generation) =>
      native.waitForHandle(processes.handle(child), slot, generation),
    )
  }

  #ready(): void {
    this.#loop._children.delete(this)
    const failure: SpawnFailure = {}
    const result = this.#waiting.result < 0 ? this.#waiting.result : this.#processes.spawned(this.#child, failure)
    if (result > 0) return this.#settle.resolve([this.#child, result])
    this.#processes.close(this.#child)
    this.#settle.reject(this.#error(result, failure))
  }

  #error(result: number, { what }: SpawnFailure): Error {
    const { cwd } = this.#request
    const path = what === 'program' ? this.#program : what === 'directory' && cwd !== null ? cwd : undefined
    return systemError(result, 'CreateProcess', { path })
  }

  /** @internal nobody waits any more: the child is ended, by the thread if it is not there yet */
  _release(): void {
    this.#loop._children.delete(this)
    this.#loop._proactor._cancel(this.#waiting)
    this.#processes.close(this.#child)
  }
}
