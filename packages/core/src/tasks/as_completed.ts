import { inspect } from 'node:util'
import { TimeoutError } from '../errors/index.js'
import { type Future, isFuture } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import type { Awaitable, EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import type { TimerHandle } from '../loop/timer_handle.js'
import { type Abortable, abortable, abortError } from './abortable.js'
import { ensureFuture } from './ensure_future.js'
import type { Outcome } from './gather.js'
import { mustBeTime } from './timeout.js'

/**
 * Gives futures in the order in which they end.
 *
 * `for await (const future of asCompleted(tasks))` gives the futures and tasks that were passed, done, and a task for
 * every async function. `for (const next of asCompleted(tasks))` gives promises at once, each of which ends as the next
 * future that is done when it is first awaited.
 *
 * ```ts
 * import { asCompleted, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const sleeps = [30, 10, 20].map((delay) => () => sleep(delay, delay))
 *   for await (const future of asCompleted(sleeps)) console.log(future.result())
 * })
 * ```
 * prints
 * ```text
 * 10
 * 20
 * 30
 * ```
 *
 * @param aws async functions, futures, promises; what appears twice comes once
 * @param options `timeout`: milliseconds after which what is still missing is a TimeoutError; `signal`: ends the
 *   iteration with CancelledError. Nothing that was passed is cancelled by either
 * @throws TypeError for a lone awaitable
 *
 * asyncio: `as_completed`.
 */
export function asCompleted<A extends Awaitable<unknown>>(
  aws: Iterable<A>,
  options: Abortable & { timeout?: number | null | undefined } = {},
): AsyncIterableIterator<Future<Outcome<A>>> & Iterable<PromiseLike<Outcome<A>>> {
  if (isFuture(aws) || typeof aws !== 'object' || aws === null || !(Symbol.iterator in aws)) {
    throw new TypeError(`An iterable of awaitables is required, not ${inspect(aws)}`)
  }
  mustBeTime(options.timeout ?? null, 'timeout')
  const loop = getRunningLoop()
  const futures = new Set([...new Set(aws)].map((aw) => ensureFuture(aw, { loop }) as Future<Outcome<A>>))
  return new AsCompleted(loop, futures, options.timeout ?? null, options.signal)
}

class AsCompleted<T> implements AsyncIterableIterator<Future<T>>, Iterable<PromiseLike<T>> {
  readonly #loop: EventLoop
  readonly #running: Set<Future<T>>
  readonly #signal: AbortSignal | undefined
  /** `null` stands for a future that had not ended when the time was over. */
  readonly #ended: (Future<T> | null)[] = []
  readonly #waiters: Future<void>[] = []
  readonly #oneDone = onBehalfOf(
    () => this.#waiters.find((waiter) => !waiter.done())?._waiters()[0] ?? null,
    (future: Future<T>) => this.#add(future),
  )
  readonly #timer: TimerHandle | null
  /** How many have not been given out. */
  #left: number

  constructor(loop: EventLoop, futures: Set<Future<T>>, timeout: number | null, signal: AbortSignal | undefined) {
    this.#loop = loop
    this.#signal = signal
    this.#running = futures
    this.#left = futures.size
    for (const future of futures) future.addDoneCallback(this.#oneDone)
    this.#timer = futures.size > 0 && timeout !== null ? loop.callLater(timeout, () => this.#timeIsOver()) : null
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Future<T>, undefined>> {
    if (this.#left === 0) return { done: true, value: undefined }
    this.#left--
    return { done: false, value: (await this.#take()).future }
  }

  /** The iteration is left early: nothing of it stays behind. */
  async return(): Promise<IteratorResult<Future<T>, undefined>> {
    this.#left = 0
    this.#timer?.cancel()
    for (const future of this.#running) future.removeDoneCallback(this.#oneDone)
    return { done: true, value: undefined }
  }

  *[Symbol.iterator](): Generator<PromiseLike<T>> {
    while (this.#left > 0) {
      this.#left--
      yield new Next(() => this.#take())
    }
  }

  #add(future: Future<T>): void {
    this.#running.delete(future)
    this.#put(future)
    if (this.#running.size === 0) this.#timer?.cancel()
  }

  #timeIsOver(): void {
    for (const future of this.#running) {
      future.removeDoneCallback(this.#oneDone)
      this.#put(null)
    }
    this.#running.clear()
  }

  #put(ended: Future<T> | null): void {
    this.#ended.push(ended)
    this.#wakeOne()
  }

  #wakeOne(): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      if (waiter.done()) continue
      waiter.setResult()
      return
    }
  }

  /** In an object: an async function that returned a future would wait for it. */
  async #take(): Promise<{ future: Future<T> }> {
    const signal = this.#signal
    if (signal?.aborted) throw abortError(signal)
    while (this.#ended.length === 0) {
      const waiter = this.#loop.createFuture<void>()
      this.#waiters.push(waiter)
      try {
        await abortable(waiter, signal)
      } catch (error) {
        // It was woken and cancelled at the same time: what it was woken for is somebody else's.
        if (!waiter.cancelled() && this.#ended.length > 0) this.#wakeOne()
        throw error
      }
    }
    const future = this.#ended.shift()!
    if (future === null) throw new TimeoutError('The time is over')
    return { future }
  }
}

/** One place in the order. It takes the next future when it is awaited, so that one nobody awaits fails for nobody. */
class Next<T> implements PromiseLike<T> {
  readonly #take: () => Promise<{ future: Future<T> }>
  #outcome: Promise<T> | null = null

  constructor(take: () => Promise<{ future: Future<T> }>) {
    this.#take = take
  }

  then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#outcome ??= this.#take().then(({ future }) => future.result())
    return this.#outcome.then(onFulfilled, onRejected)
  }
}
