import { inspect } from 'node:util'
import { CancelledError, LoopError, TimeoutError } from '../errors/index.js'
import type { Handle } from '../loop/handle.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortError } from './abortable.js'
import { currentTask } from './current_task.js'
import type { Task } from './task.js'

type Body<T> = (scope: Timeout) => PromiseLike<T> | T

/**
 * Runs `body` in the current task and cancels what it awaits when the time is over.
 *
 * ```ts
 * import { run, sleep, timeout } from '@loop/core'
 *
 * await run(async () => {
 *   const slow = timeout(10, async () => {
 *     await sleep(60_000)
 *   })
 *   console.log(await slow.catch((error: Error) => error.name))
 * })
 * ```
 * prints
 * ```text
 * TimeoutError
 * ```
 *
 * @param delay milliseconds from now; 0 or less ends the body's first wait; `null`: no deadline (until `reschedule` sets one)
 * @param body gets the scope, whose deadline it may move
 * @returns what the body returns
 * @throws TimeoutError (its `cause` the CancelledError that the body let out) when the time was over; LoopError outside a task
 *
 * A body that awaits nothing of the loop cannot be interrupted. asyncio: `timeout`.
 */
export function timeout<T>(delay: number | null, body: Body<T>, options: Abortable = {}): Promise<T> {
  mustBeTime(delay, 'delay')
  return new Timeout(delay === null ? null : getRunningLoop().time() + delay).run(body, options)
}

/**
 * As `timeout`, with a deadline instead of a delay.
 * @param when milliseconds of `loop.time()`, or `null`
 *
 * asyncio: `timeout_at`.
 */
export function timeoutAt<T>(when: number | null, body: Body<T>, options: Abortable = {}): Promise<T> {
  return new Timeout(when).run(body, options)
}

/** @internal */
export function mustBeTime(value: unknown, name: string): void {
  if (value !== null && typeof value !== 'number') {
    throw new TypeError(`${name} must be a number of milliseconds or null, not ${inspect(value)}`)
  }
  if (Number.isNaN(value)) throw new RangeError(`Invalid ${name}: NaN (not a number)`)
}

/** The scope of `timeout` and `timeoutAt`. asyncio: `Timeout`. */
export class Timeout {
  #state: 'created' | 'active' | 'expiring' | 'expired' | 'finished' = 'created'
  #when: number | null
  #alarm: Handle | null = null
  #task: Task | null = null
  #cancelling = 0
  #aborted = false

  /** @param when milliseconds of `loop.time()`; `null`: none */
  constructor(when: number | null) {
    mustBeTime(when, 'when')
    this.#when = when
  }

  /** Milliseconds of `loop.time()`, or null. */
  when(): number | null {
    return this.#when
  }

  /** Whether the deadline passed while the body ran. */
  expired(): boolean {
    return this.#state === 'expiring' || this.#state === 'expired'
  }

  /**
   * Moves the deadline.
   * @param when milliseconds of `loop.time()`, in the past for the loop's next pass; `null` takes it away
   * @throws LoopError `ERR_LOOP_STATE` unless the body runs and has not been interrupted
   */
  reschedule(when: number | null): void {
    mustBeTime(when, 'when')
    if (this.#state === 'created') throw new LoopError('Timeout has not been entered', 'ERR_LOOP_STATE')
    if (this.#state !== 'active') throw new LoopError(`Cannot change state of ${this.#state} Timeout`, 'ERR_LOOP_STATE')
    this.#when = when
    this.#alarm?.cancel()
    this.#alarm = null
    if (when === null) return
    const loop = this.#task!.getLoop()
    const expire = () => this.#expire()
    this.#alarm = when <= loop.time() ? loop.callSoon(expire) : loop.callAt(when, expire)
  }

  /**
   * Runs `body` under this deadline, once.
   * @throws as `timeout`
   */
  run<T>(body: Body<T>, options: Abortable = {}): Promise<T> {
    if (typeof body !== 'function') throw new TypeError(`The body must be an async function, not ${inspect(body)}`)
    return this.#run(body, options.signal)
  }

  async #run<T>(body: Body<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw abortError(signal)
    this.#enter()
    const abort = () => {
      this.#aborted = true
      this.#task!.cancel()
    }
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const result = await body(this)
      this.#exit()
      return result
    } catch (error) {
      const ours = this.#exit()
      if (!ours || !(error instanceof CancelledError)) throw error
      throw this.#aborted ? abortError(signal!) : new TimeoutError('The time is over', { cause: error })
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #enter(): void {
    if (this.#state !== 'created') throw new LoopError('Timeout has already been entered', 'ERR_LOOP_STATE')
    const task = currentTask()
    if (task === null) throw new LoopError('Timeout should be used inside a task', 'ERR_LOOP_STATE')
    this.#state = 'active'
    this.#task = task
    this.#cancelling = task.cancelling()
    this.reschedule(this.#when)
  }

  /** Takes back what it asked of the task. Whether nobody else asked the task to end meanwhile. */
  #exit(): boolean {
    this.#alarm?.cancel()
    this.#alarm = null
    const task = this.#task!
    const expired = this.#state === 'expiring'
    this.#state = expired ? 'expired' : 'finished'
    if (expired) task.uncancel()
    if (this.#aborted) task.uncancel()
    return (expired || this.#aborted) && task.cancelling() <= this.#cancelling
  }

  #expire(): void {
    this.#alarm = null
    this.#task!.cancel()
    this.#state = 'expiring'
  }

  [inspect.custom](): string {
    return `<Timeout [${this.#state}]${this.#state === 'active' ? ` when=${this.#when}` : ''}>`
  }
}
