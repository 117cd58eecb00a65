import type { EventLoop } from '../loop/event_loop.js'
import { Handle } from '../loop/handle.js'
import type { Task } from './task.js'

const noArguments: readonly unknown[] = []

/** A task that gave way and goes on in the next pass. It waits for no future: a cancellation is thrown when its turn comes. */
export class Turn extends Handle {
  readonly #task: Task<unknown> | null
  readonly #resume: () => void
  readonly #reject: (reason: Error) => void

  constructor(loop: EventLoop, task: Task<unknown> | null, resume: () => void, reject: (reason: Error) => void) {
    super(null, noArguments, loop, null)
    this.#task = task
    this.#resume = resume
    this.#reject = reject
    task?._givesWay(1)
  }

  override _run(): void {
    this._loop._endSlice()
    this.#task?._givesWay(-1)
    const cancellation = this.#task?._takeCancellation() ?? null
    if (cancellation === null) this.#resume()
    else this.#reject(cancellation)
  }

  override _describe(): string {
    return this.#task?._describe() ?? '<Turn>'
  }
}
