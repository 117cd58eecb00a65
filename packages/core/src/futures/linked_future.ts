import type { EventLoop } from '../loop/event_loop.js'
import { Future } from './future.js'

/** A future of work that goes on elsewhere: cancelling it asks that work to end. */
export class LinkedFuture<T> extends Future<T> {
  readonly #passOn: (message: string | undefined) => void

  constructor(options: { loop: EventLoop }, passOn: (message: string | undefined) => void) {
    super(options)
    this.#passOn = passOn
  }

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false
    this.#passOn(message)
    return true
  }
}

/** Ends `future` as `promise` does. A loop that closed meanwhile takes no more results, and nobody can be waiting. */
export function follow<T>(promise: PromiseLike<T>, future: Future<T>): void {
  const open = () => !future.done() && !future.getLoop().isClosed()
  promise.then(
    (value) => {
      if (open()) future.setResult(value)
    },
    (error: unknown) => {
      if (open()) future._fail(error)
    },
  )
}
