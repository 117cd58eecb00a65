import { Future } from '../futures/future.js'
import type { EventLoop } from '../loop/event_loop.js'
import { type Abortable, abortable } from '../tasks/abortable.js'

/** The wait for what is so already, made once. */
export const noWait: Promise<void> = Promise.resolve()

/** Any number of waits for one event. Each has a future of its own, so that cancelling one leaves the others alone. */
export class Waiters {
  readonly #loop: EventLoop
  readonly #futures = new Set<Future<void>>()

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  wait(options?: Abortable): Promise<void> {
    const future = new Future<void>({ loop: this.#loop })
    this.#futures.add(future)
    return abortable(future, options?.signal).then(
      () => {
        this.#futures.delete(future)
      },
      (error: unknown) => {
        this.#futures.delete(future)
        throw error
      },
    )
  }

  /** Ends every wait, with `error` if there is one. */
  release(error: Error | null = null): void {
    for (const future of this.#futures) {
      if (future.done()) continue
      if (error === null) future.setResult()
      else future.setException(error)
    }
    this.#futures.clear()
  }
}
