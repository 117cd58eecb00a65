import { CancelledError } from '../errors/index.js'
import { Handle } from '../loop/handle.js'
import type { Task } from '../tasks/task.js'
import type { Future } from './future.js'

/**
 * An `await` (or a `.then`) that goes on when its future is done. It stands in the ready queue itself, and ends its
 * slice: what it resumes runs in microtasks, before any other handle.
 */
export class WakeUp extends Handle {
  /** @internal what is awaited */ readonly _future: Future<unknown>
  readonly #task: Task<unknown> | null
  /** Runs the fulfilment half, as `then` does. */
  readonly fulfil: (value: unknown) => void
  /** Runs the rejection half. */
  readonly reject: (reason: unknown) => void

  constructor(
    future: Future<unknown>,
    task: Task<unknown> | null,
    onFulfilled: ((value: never) => unknown) | null | undefined,
    onRejected: ((reason: unknown) => unknown) | null | undefined,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    super(null, noArguments, future._loop, null)
    this._future = future
    this.#task = task
    this.fulfil = half(onFulfilled as (value: unknown) => unknown, resolve, resolve, reject)
    this.reject = half(onRejected, resolve, reject, reject)
  }

  override _run(): void {
    this._loop._endSlice()
    const task = this.#task
    if (task !== null) {
      task._waitOver(this)
      const cancellation = task._takeCancellation()
      if (cancellation !== null) {
        // What was awaited may have been cancelled too, before the task was: then its error, with its message, is the one.
        const reject = (error?: unknown) => this.reject(error instanceof CancelledError ? error : cancellation)
        return this._future._settle(() => reject(), reject)
      }
    }
    this._future._settle(this.fulfil, this.reject)
  }

  override _describe(): string {
    return this.#task === null ? '<WakeUp>' : this.#task._describe()
  }
}

const noArguments: readonly unknown[] = []

function half<V>(
  handler: ((value: V) => unknown) | null | undefined,
  resolve: (value: unknown) => void,
  otherwise: (value: V) => void,
  reject: (reason: unknown) => void,
): (value: V) => void {
  if (typeof handler !== 'function') return otherwise
  return (value) => {
    try {
      resolve(handler(value))
    } catch (error) {
      reject(error)
    }
  }
}
