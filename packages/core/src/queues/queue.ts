import { inspect } from 'node:util'
import { Ring } from '../collections/ring.js'
import { scopes } from '../context/scope.js'
import { QueueEmpty, QueueFull, QueueShutDown } from '../errors/index.js'
import { LoopBound } from '../sync/loop_bound.js'
import { WaitingLine } from '../sync/waiting_line.js'
import { type Abortable, abortError } from '../tasks/abortable.js'
import type { Items } from './items.js'

const noWait: Promise<void> = Promise.resolve()

/**
 * Hands items from tasks that put them to tasks that get them, first in, first out. An item stays in the queue until the
 * task that gets it runs, so that a cancellation or a timeout loses none.
 *
 * `for await (const item of queue)` gets items until the queue is shut down and empty.
 *
 * ```ts
 * import { Queue, run, TaskGroup } from '@loop/core'
 *
 * await run(async () => {
 *   const queue = new Queue<number>(1)
 *   await TaskGroup.run(async (group) => {
 *     group.createTask(async () => {
 *       for (const item of [1, 2, 3]) await queue.put(item)
 *       queue.shutdown()
 *     })
 *     for await (const item of queue) console.log(item)
 *   })
 * })
 * ```
 * prints
 * ```text
 * 1
 * 2
 * 3
 * ```
 *
 * asyncio: `Queue`.
 */
export class Queue<T> extends LoopBound implements AsyncIterable<T> {
  readonly #maxsize: number
  readonly #items: Items<T>
  readonly #getters = new WaitingLine()
  readonly #putters = new WaitingLine()
  readonly #joiners = new WaitingLine()
  /** What was put in and not yet reported as done. */
  #unfinished = 0
  #isShutDown = false

  /**
   * @param maxsize how many items it holds before `put` waits; 0 or less: any number
   * @param items where they are kept, which decides in what order they come out; not to be used by anybody else
   */
  constructor(maxsize = 0, items: Items<T> = new FirstInFirstOut<T>()) {
    super()
    if (typeof maxsize !== 'number') throw new TypeError(`maxsize must be a number, not ${inspect(maxsize)}`)
    if (Number.isNaN(maxsize)) throw new RangeError('Invalid maxsize: NaN (not a number)')
    this.#maxsize = maxsize
    this.#items = items
  }

  /** How many items it holds at most; 0 for no limit. asyncio: `maxsize`. */
  get maxsize(): number {
    return this.#maxsize
  }

  /** How many items it holds. */
  qsize(): number {
    return this.#items.length
  }

  /** Whether there is nothing in it. asyncio: `empty`. */
  empty(): boolean {
    return this.#items.length === 0
  }

  /** Whether there are `maxsize` items in it. asyncio: `full`. */
  full(): boolean {
    return this.#maxsize > 0 && this.#items.length >= this.#maxsize
  }

  /**
   * Puts an item in, once there is room.
   * @throws QueueShutDown if the queue is shut down, also while it waits; CancelledError when the task is cancelled or
   *   `signal` aborts, and then the item was not put in
   *
   * asyncio: `Queue.put`.
   */
  put(item: T, options: Abortable = {}): Promise<void> {
    try {
      return this.#put(item, options.signal) ?? noWait
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Puts `item` in at once.
   * @throws QueueFull, QueueShutDown
   *
   * asyncio: `Queue.put_nowait`.
   */
  putNowait(item: T): void {
    if (this.#isShutDown) throw new QueueShutDown()
    if (this.full()) throw new QueueFull()
    this.#items.put(item)
    this.#unfinished++
    wakeNext(this.#getters)
  }

  /**
   * Takes the next item out, once there is one.
   * @returns it; the language awaits what is a promise or a future itself, which `getNowait` and `for await` do not
   * @throws QueueShutDown if the queue is shut down and empty, also while it waits; CancelledError when the task is
   *   cancelled or `signal` aborts, and then no item was taken
   *
   * asyncio: `Queue.get`.
   */
  get(options: Abortable = {}): Promise<T> {
    try {
      return Promise.resolve(this.#get(options.signal, itself))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Takes the next item out at once.
   * @throws QueueEmpty; QueueShutDown if it is shut down and empty
   *
   * asyncio: `Queue.get_nowait`.
   */
  getNowait(): T {
    if (this.empty()) throw this.#isShutDown ? new QueueShutDown() : new QueueEmpty()
    const item = this.#items.take()
    wakeNext(this.#putters)
    return item
  }

  /**
   * Says that the work on an item that was taken out is done.
   * @throws RangeError if that was said of all of them already
   *
   * asyncio: `Queue.task_done`.
   */
  taskDone(): void {
    if (this.#unfinished === 0) throw new RangeError('taskDone() called too many times')
    if (--this.#unfinished === 0) wakeAll(this.#joiners)
  }

  /**
   * Waits until `taskDone` was called for every item that was put in.
   * @throws CancelledError when the task is cancelled or `signal` aborts
   *
   * asyncio: `Queue.join`.
   */
  join(options: Abortable = {}): Promise<void> {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(abortError(signal))
    if (this.#unfinished === 0) return noWait
    return this.waitIn<void>(
      this.#joiners,
      signal,
      () => {},
      () => {},
    )
  }

  /**
   * Ends it: from now on `put` throws QueueShutDown, and so does `get` once the queue is empty. Who waits is woken.
   * @param immediate what is still in it is dropped, and counts as done
   *
   * asyncio: `Queue.shutdown`.
   */
  shutdown(immediate = false): void {
    this.#isShutDown = true
    if (immediate) {
      for (; !this.empty(); this.#items.take()) if (this.#unfinished > 0) this.#unfinished--
      if (this.#unfinished === 0) wakeAll(this.#joiners)
    }
    wakeAll(this.#getters)
    wakeAll(this.#putters)
  }

  /** Gets items until it is shut down and empty. What the loop does with an item it says with `taskDone` itself. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    const iterator: AsyncIterableIterator<T, undefined> = {
      next: () => this.#next(),
      return: async () => ({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    try {
      return await this.#get(undefined, (value) => ({ done: false, value }))
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error
      return { done: true, value: undefined }
    }
  }

  #put(item: T, signal: AbortSignal | undefined): void | Promise<void> {
    if (signal?.aborted) throw abortError(signal)
    if (!this.full() || this.#isShutDown) return this.putNowait(item)
    return this.#wait(
      this.#putters,
      signal,
      () => !this.full(),
      () => this.#put(item, signal),
    )
  }

  #get<R>(signal: AbortSignal | undefined, give: (item: T) => R): R | Promise<R> {
    if (signal?.aborted) throw abortError(signal)
    if (!this.empty() || this.#isShutDown) return give(this.getNowait())
    return this.#wait(
      this.#getters,
      signal,
      () => !this.empty(),
      () => this.#get(signal, give),
    )
  }

  /** Waits until `possible`, and then does it; somebody may have been faster, and then it is one more wait. */
  #wait<R>(
    line: WaitingLine,
    signal: AbortSignal | undefined,
    possible: () => boolean,
    attempt: () => R | Promise<R>,
  ): Promise<R> {
    const scope = scopes.getStore()
    return this.waitIn<R>(
      line,
      signal,
      // Another wait is the task's own again only in the scope of its code.
      () => (scope === undefined || possible() || this.#isShutDown ? attempt() : scopes.run(scope, attempt)),
      // Woken, and cannot go on any more: then the next one can.
      (waiter) => {
        if (waiter.woken && possible()) wakeNext(line)
      },
    )
  }

  [inspect.custom](): string {
    const state = [`maxsize:${this.#maxsize}`, `items:${this.#items.length}`]
    if (this.#getters.length > 0) state.push(`getters:${this.#getters.length}`)
    if (this.#putters.length > 0) state.push(`putters:${this.#putters.length}`)
    if (this.#unfinished > 0) state.push(`unfinished:${this.#unfinished}`)
    if (this.#isShutDown) state.push('shut down')
    return `<${this.constructor.name} [${state.join(', ')}]>`
  }
}

const itself = <T>(item: T): T => item

/** Wakes the first who waits, who has left the line then: a second item wakes the second. */
function wakeNext(line: WaitingLine): boolean {
  for (let waiter = line.first; waiter !== null; waiter = line.first) {
    line.leave(waiter)
    if (waiter.done()) continue
    waiter.wake()
    return true
  }
  return false
}

function wakeAll(line: WaitingLine): void {
  while (wakeNext(line));
}

class FirstInFirstOut<T> extends Ring<T> implements Items<T> {
  put(item: T): void {
    this.push(item)
  }

  take(): T {
    return this.shift()
  }
}
