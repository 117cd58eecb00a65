import { Future } from '../futures/future.js'
import type { EventLoop } from '../loop/event_loop.js'
import { type Abortable, abortable } from '../tasks/abortable.js'

/** The wait for what is so already, made once. */
export const noWait: Promise<void> = Promise.resolve()

/** Any number of waits for one event. Each has a future of its own, so that cancelling one leaves the others alone. */
export class Waiters {
  readonly #loop: EventLoop
  /** Made by the first wait: a connection has two of these, and most never wait. */
  #futures: Set<Future<void>> | null = null

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  wait(options?: Abortable): Promise<void> {
    const future = new Future<void>({ loop: this.#loop })
    this.#futures ??= new Set()
    const futures = this.#futures.add(future)
    return abortable(future, options?.signal).then(
      () => {
        futures.delete(future)
      },
      (error: unknown) => {
        futures.delete(future)
        throw error
      },
    )
  }

  /** Ends every wait, with `error` if there is one. */
  release(error: Error | null = null): void {
    const futures = this.#futures
    if (futures === null) return
    for (const future of futures) {
      if (future.done()) continue
      if (error === null) future.setResult()
      else future.setException(error)
    }
    futures.clear()
  }
}
