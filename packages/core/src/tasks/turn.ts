import { silenceCancellation } from '../futures/silence.js'
import type { EventLoop } from '../loop/event_loop.js'
import { Handle } from '../loop/handle.js'
import type { Task } from './task.js'

const noArguments: readonly unknown[] = []

/** A task that gave way and goes on in the next pass. It waits for no future: a cancellation is thrown when its turn comes. */
export class Turn extends Handle {
  /** @internal unlike a wake-up's */ readonly _future = null
  readonly #task: Task<unknown> | null
  readonly #resume: (value: unknown) => void
  readonly #value: unknown
  readonly #reject: (reason: Error) => void
  /** @internal what it settles, where that is a promise of the library's */ _promise: Promise<unknown> | null = null

  /** @param resume what its code goes on through, called with `value` */
  constructor(
    loop: EventLoop,
    task: Task<unknown> | null,
    resume: (value: unknown) => void,
    value: unknown,
    reject: (reason: Error) => void,
  ) {
    super(null, noArguments, loop, null)
    this.#task = task
    this.#resume = resume
    this.#value = value
    this.#reject = reject
    task?._waits(this)
  }

  override _run(): void {
    this._loop._endSlice()
    this.#task?._waitOver(this)
    const cancellation = this.#task?._takeCancellation() ?? null
    if (cancellation === null) this.#resume(this.#value)
    else {
      if (this._promise !== null) silenceCancellation(this._promise, cancellation)
      this.#reject(cancellation)
    }
  }

  /** @internal as of a wake-up: what the waiting code goes on through */
  _continuations(): readonly [(value: unknown) => void] {
    return [this.#resume]
  }

  override _resumes(): Task<unknown> | null {
    return this.#task
  }

  override _describe(): string {
    return this.#task?._describe() ?? '<Turn>'
  }
}
