import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import { type Abortable, abortError } from '../tasks/abortable.js'
import { Hold } from './hold.js'
import { LoopBound } from './loop_bound.js'
import { WaitingLine } from './waiting_line.js'

/**
 * Lets one task at a time through, in the order in which they came. Whoever holds it and acquires it again waits for
 * itself.
 *
 * ```ts
 * import { Lock, run, sleep, TaskGroup } from '@loop/core'
 *
 * await run(async () => {
 *   const lock = new Lock()
 *   let balance = 0
 *   await TaskGroup.run(async (group) => {
 *     for (const amount of [1, 2, 3]) {
 *       group.createTask(async () => {
 *         using _ = await lock.acquire()
 *         const before = balance
 *         await sleep(1)
 *         balance = before + amount
 *       })
 *     }
 *   })
 *   console.log(balance)
 * })
 * ```
 * prints
 * ```text
 * 6
 * ```
 *
 * asyncio: `Lock`, of which `using` is the `async with` block.
 */
export class Lock extends LoopBound {
  #locked = false
  readonly #line = new WaitingLine()

  /** Whether somebody holds it. One who was woken and has not run yet does not hold it, but is ahead of any newcomer. */
  locked(): boolean {
    return this.#locked
  }

  /**
   * Waits until the lock is free and takes it.
   * @returns its release, for `using`
   * @throws CancelledError when the task is cancelled or `signal` aborts; LoopError `ERR_LOOP_FOREIGN` if somebody waited
   *   for it in another loop
   *
   * asyncio: `Lock.acquire`.
   */
  acquire(options: Abortable = {}): Promise<Disposable> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(abortError(signal))
    if (!this.#locked && this.#line.abandoned) return Promise.resolve(this.#take())
    return this.waitIn(
      this.#line,
      signal,
      () => this.#take(),
      // It may have been given its turn just before: then that is the next one's.
      () => {
        if (!this.#locked) this.#wakeFirst()
      },
    )
  }

  /**
   * Frees it; whoever waits longest takes it in the next pass.
   * @throws LoopError `ERR_LOOP_STATE` if nobody holds it
   *
   * asyncio: `Lock.release`.
   */
  release(): void {
    if (!this.#locked) throw new LoopError('Lock is not acquired', 'ERR_LOOP_STATE')
    this.#locked = false
    this.#wakeFirst()
  }

  #take(): Hold {
    this.#locked = true
    return new Hold(this)
  }

  /** Only the first: if it has been woken already it takes the lock, or wakes the next, when it runs. */
  #wakeFirst(): void {
    const first = this.#line.first
    if (first !== null && !first.done()) first.wake()
  }

  [inspect.custom](): string {
    const waiting = this.#line.length > 0 ? `, waiters:${this.#line.length}` : ''
    return `<Lock [${this.#locked ? 'locked' : 'unlocked'}${waiting}]>`
  }
}
