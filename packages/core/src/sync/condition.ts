import { inspect } from 'node:util'
import { CancelledError, LoopError } from '../errors/index.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { Lock } from './lock.js'
import { LoopBound } from './loop_bound.js'
import { WaitingLine } from './waiting_line.js'

/**
 * A lock, and a place to wait for what its holder says has changed.
 *
 * ```ts
 * import { Condition, createTask, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const condition = new Condition()
 *   const items: string[] = []
 *   const taking = createTask(async () => {
 *     using _ = await condition.acquire()
 *     await condition.waitFor(() => items.length > 0)
 *     console.log(items.pop())
 *   })
 *   await sleep(1)
 *   {
 *     using _ = await condition.acquire()
 *     items.push('an item')
 *     condition.notify()
 *   }
 *   await taking
 * })
 * ```
 * prints
 * ```text
 * an item
 * ```
 *
 * asyncio: `Condition`.
 */
export class Condition extends LoopBound {
  readonly #lock: Lock
  readonly #line = new WaitingLine()

  /** @param lock may be shared between conditions; one of its own if left out */
  constructor(lock: Lock = new Lock()) {
    super()
    if (!(lock instanceof Lock)) throw new TypeError(`lock must be a Lock, not ${inspect(lock)}`)
    this.#lock = lock
  }

  /** Of the lock. */
  locked(): boolean {
    return this.#lock.locked()
  }

  /** Of the lock: see `Lock.acquire`. */
  acquire(options: Abortable = {}): Promise<Disposable> {
    return this.#lock.acquire(options)
  }

  /** Of the lock: see `Lock.release`. */
  release(): void {
    this.#lock.release()
  }

  /**
   * Frees the lock, waits until it is notified, and takes the lock again, also when it is cancelled meanwhile. What was
   * waited for has to be looked at afterwards: it may have changed once more, or not at all.
   * @returns true
   * @throws CancelledError when the task is cancelled or `signal` aborts, once it holds the lock again; LoopError
   *   `ERR_LOOP_STATE` if nobody holds the lock, `ERR_LOOP_FOREIGN` if somebody waited in another loop
   *
   * asyncio: `Condition.wait`.
   */
  async wait(options: Abortable = {}): Promise<true> {
    const { signal } = options
    if (!this.locked()) throw new LoopError('cannot wait on un-acquired lock', 'ERR_LOOP_STATE')
    if (signal?.aborted) throw abortError(signal)
    const waiter = this.#line.join(this.boundLoop())
    this.release()
    let failure: unknown = null
    try {
      await abortable(waiter, signal)
    } catch (error) {
      failure = error
    }
    this.#line.leave(waiter)
    try {
      failure = (await this.#reacquire()) ?? failure
      if (failure !== null) throw failure
      return true
    } catch (error) {
      // It may have been notified as well, so another one is told in its place.
      this.#wake(1)
      throw error
    }
  }

  /**
   * Waits until `predicate` gives something truthy; asks it now and after every notification.
   * @returns what it gave
   * @throws as `wait`
   *
   * asyncio: `Condition.wait_for`.
   */
  async waitFor<T>(predicate: () => T, options: Abortable = {}): Promise<T> {
    let result = predicate()
    while (!result) {
      await this.wait(options)
      result = predicate()
    }
    return result
  }

  /**
   * Wakes those who have waited longest; they go on when they get the lock, which the caller must release.
   * @param n how many at most
   * @throws LoopError `ERR_LOOP_STATE` if nobody holds the lock
   *
   * asyncio: `Condition.notify`.
   */
  notify(n = 1): void {
    if (!this.locked()) throw new LoopError('cannot notify on un-acquired lock', 'ERR_LOOP_STATE')
    this.#wake(n)
  }

  /** As `notify`, everybody. asyncio: `Condition.notify_all`. */
  notifyAll(): void {
    this.notify(this.#line.length)
  }

  #wake(n: number): void {
    let woken = 0
    for (const waiter of this.#line) {
      if (woken >= n) return
      if (waiter.done()) continue
      waiter.wake()
      woken++
    }
  }

  /** Holds on through any number of cancellations and gives the last of them. */
  async #reacquire(): Promise<CancelledError | null> {
    let cancellation: CancelledError | null = null
    for (;;) {
      try {
        await this.#lock.acquire()
        return cancellation
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        cancellation = error
      }
    }
  }

  [inspect.custom](): string {
    const waiting = this.#line.length > 0 ? `, waiters:${this.#line.length}` : ''
    return `<Condition [${this.locked() ? 'locked' : 'unlocked'}${waiting}]>`
  }
}
