import { inspect } from 'node:util'
import { type Abortable, abortError } from '../tasks/abortable.js'
import { LoopBound } from './loop_bound.js'
import { WaitingLine } from './waiting_line.js'

const happened: Promise<true> = Promise.resolve(true)

/**
 * A flag that tasks wait for.
 *
 * ```ts
 * import { createTask, Event, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const ready = new Event()
 *   const waiting = createTask(async () => {
 *     await ready.wait()
 *     console.log('go')
 *   })
 *   await sleep(1)
 *   console.log('ready')
 *   ready.set()
 *   await waiting
 * })
 * ```
 * prints
 * ```text
 * ready
 * go
 * ```
 *
 * asyncio: `Event`.
 */
export class Event extends LoopBound {
  #set = false
  readonly #line = new WaitingLine()

  /** Whether it is set. asyncio: `is_set`. */
  isSet(): boolean {
    return this.#set
  }

  /** Sets the flag and wakes all who wait, even if it is cleared before they run. */
  set(): void {
    if (this.#set) return
    this.#set = true
    for (const waiter of this.#line) if (!waiter.done()) waiter.wake()
  }

  /** Whoever waits from now on waits for the next `set`. */
  clear(): void {
    this.#set = false
  }

  /**
   * Waits until the flag is set; goes on at once if it is.
   * @returns true
   * @throws CancelledError when the task is cancelled or `signal` aborts; LoopError `ERR_LOOP_FOREIGN` if somebody waited
   *   for it in another loop
   *
   * asyncio: `Event.wait`.
   */
  wait(options: Abortable = {}): Promise<true> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(abortError(signal))
    return this.#set
      ? happened
      : this.waitIn<true>(
          this.#line,
          signal,
          () => true,
          () => {},
        )
  }

  [inspect.custom](): string {
    const waiting = this.#line.length > 0 ? `, waiters:${this.#line.length}` : ''
    return `<Event [${this.#set ? 'set' : 'unset'}${waiting}]>`
  }
}
