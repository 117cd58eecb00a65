import { CancelledError } from '../errors/index.js'
import { Handle } from '../loop/handle.js'
import type { Task } from '../tasks/task.js'
import type { Future } from './future.js'
import { silenceCancellation } from './silence.js'

/**
 * An `await` (or a `.then`) that goes on when its future is done. It stands in the ready queue itself, and ends its
 * slice: what it resumes runs in microtasks, before any other handle.
 */
export class WakeUp extends Handle {
  /** @internal what is awaited */ readonly _future: Future<unknown>
  /** @internal whose code awaits it */ readonly _task: Task<unknown> | null
  readonly #promise: Promise<unknown>
  readonly #onFulfilled: Handler
  readonly #onRejected: Handler
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void

  constructor(
    future: Future<unknown>,
    task: Task<unknown> | null,
    promise: Promise<unknown>,
    onFulfilled: ((value: never) => unknown) | null | undefined,
    onRejected: ((reason: unknown) => unknown) | null | undefined,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    super(null, noArguments, future._loop, null)
    this._future = future
    this._task = task
    this.#promise = promise
    this.#onFulfilled = onFulfilled as Handler
    this.#onRejected = onRejected
    this.#resolve = resolve
    this.#reject = reject
  }

  override _run(): void {
    this._loop._endSlice()
    const task = this._task
    if (task !== null) {
      task._waitOver(this)
      const cancellation = task._takeCancellation()
      if (cancellation !== null) {
        // What was awaited may have been cancelled too, before the task was: then its error, with its message, is the one.
        const reject = (error?: unknown) => this.reject(error instanceof CancelledError ? error : cancellation)
        return this._future._settle({ fulfil: () => reject(), reject })
      }
    }
    this._future._settle(this)
  }

  /** Runs the fulfilment half, as `then` does. */
  fulfil(value: unknown): void {
    if (typeof this.#onFulfilled === 'function') this.#handle(this.#onFulfilled, value)
    else this.#resolve(value)
  }

  /** Runs the rejection half. */
  reject(reason: unknown): void {
    if (typeof this.#onRejected === 'function') this.#handle(this.#onRejected, reason)
    else this.#fail(reason)
  }

  /** @internal through which of these the waiting code goes on: the first at an `await`, the second after a `.then(callback)` */
  _continuations(): readonly [Handler, (value: unknown) => void] {
    return [this.#onFulfilled, this.#resolve]
  }

  override _resumes(): Task<unknown> | null {
    return this._task
  }

  override _describe(): string {
    return this._task === null ? '<WakeUp>' : this._task._describe()
  }

  #handle(handler: (value: unknown) => unknown, value: unknown): void {
    try {
      this.#resolve(handler(value))
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(reason: unknown): void {
    silenceCancellation(this.#promise, reason)
    this.#reject(reason)
  }
}

type Handler = ((value: unknown) => unknown) | null | undefined

const noArguments: readonly unknown[] = []
