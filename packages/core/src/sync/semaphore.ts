import { inspect } from 'node:util'
import { type Abortable, abortError } from '../tasks/abortable.js'
import { Hold } from './hold.js'
import { LoopBound } from './loop_bound.js'
import { WaitingLine } from './waiting_line.js'

/**
 * Lets so many tasks through at a time, in the order in which they came.
 *
 * ```ts
 * import { run, Semaphore, sleep, TaskGroup } from '@loop/core'
 *
 * await run(async () => {
 *   const semaphore = new Semaphore(2)
 *   let inside = 0
 *   let most = 0
 *   await TaskGroup.run(async (group) => {
 *     for (let i = 0; i < 5; i++) {
 *       group.createTask(async () => {
 *         using _ = await semaphore.acquire()
 *         most = Math.max(most, ++inside)
 *         await sleep(1)
 *         inside--
 *       })
 *     }
 *   })
 *   console.log(most)
 * })
 * ```
 * prints
 * ```text
 * 2
 * ```
 *
 * asyncio: `Semaphore`, of which `using` is the `async with` block.
 */
export class Semaphore extends LoopBound {
  /** Permits that are free; one that was given to a waiter is not, even before it runs. */
  #value: number
  readonly #line = new WaitingLine()

  /**
   * @param value how many at a time, `Infinity` for any number
   * @throws RangeError unless it is a whole number, 0 or more
   */
  constructor(value = 1) {
    super()
    if (typeof value !== 'number') throw new TypeError(`value must be a number, not ${inspect(value)}`)
    if (!(value >= 0) || (value !== Number.POSITIVE_INFINITY && !Number.isInteger(value)))
      throw new RangeError(`Semaphore initial value must be a whole number >= 0, not ${value}`)
    this.#value = value
  }

  /** Whether `acquire` would wait: nothing is free, or others were first. */
  locked(): boolean {
    return this.#value === 0 || !this.#line.abandoned
  }

  /**
   * Waits until a permit is free and takes it.
   * @returns its release, for `using`
   * @throws CancelledError when the task is cancelled or `signal` aborts; LoopError `ERR_LOOP_FOREIGN` if somebody waited
   *   for it in another loop
   *
   * asyncio: `Semaphore.acquire`.
   */
  acquire(options: Abortable = {}): Promise<Disposable> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(abortError(signal))
    if (this.locked()) return this.#waitForPermit(signal)
    this.#value--
    return Promise.resolve(new Hold(this))
  }

  /** Gives a permit back, or one more than there were: to whoever waits longest. asyncio: `Semaphore.release`. */
  release(): void {
    this.#value++
    this.#giveNext()
  }

  /** @internal */
  protected get free(): number {
    return this.#value
  }

  #waitForPermit(signal: AbortSignal | undefined): Promise<Disposable> {
    return this.waitIn<Disposable>(
      this.#line,
      signal,
      () => {
        this.#giveWhatIsFree()
        return new Hold(this)
      },
      (waiter) => {
        // It was given a permit and cannot use it any more.
        if (waiter.woken) this.#value++
        this.#giveWhatIsFree()
      },
    )
  }

  /** Those who came while others were first have to be looked after when these have gone. */
  #giveWhatIsFree(): void {
    while (this.#value > 0 && this.#giveNext());
  }

  #giveNext(): boolean {
    if (!this.#line.wakeNext()) return false
    this.#value--
    return true
  }

  [inspect.custom](): string {
    const state = this.locked() ? 'locked' : `unlocked, value:${this.#value}`
    const waiting = this.#line.length > 0 ? `, waiters:${this.#line.length}` : ''
    return `<${this.constructor.name} [${state}${waiting}]>`
  }
}
