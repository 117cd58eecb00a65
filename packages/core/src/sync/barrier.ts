import { inspect } from 'node:util'
import { BrokenBarrierError } from '../errors/index.js'
import type { Abortable } from '../tasks/abortable.js'
import { Condition } from './condition.js'

type State = 'filling' | 'draining' | 'resetting' | 'broken'

/**
 * A place where tasks wait for one another: when so many have come, all go on.
 *
 * ```ts
 * import { Barrier, run, sleep, TaskGroup } from '@loop/core'
 *
 * await run(async () => {
 *   const barrier = new Barrier(2)
 *   await TaskGroup.run(async (group) => {
 *     for (const delay of [1, 5]) {
 *       group.createTask(async () => {
 *         await sleep(delay)
 *         console.log('arrived')
 *         await barrier.wait()
 *         console.log('through')
 *       })
 *     }
 *   })
 * })
 * ```
 * prints
 * ```text
 * arrived
 * arrived
 * through
 * through
 * ```
 *
 * asyncio: `Barrier`.
 */
export class Barrier {
  readonly #condition = new Condition()
  readonly #parties: number
  #state: State = 'filling'
  /** The indexes of those who have arrived and not left. */
  readonly #present = new Set<number>()

  /**
   * @param parties how many wait for one another
   * @throws RangeError unless it is a whole number, 1 or more
   */
  constructor(parties: number) {
    if (typeof parties !== 'number') throw new TypeError(`parties must be a number, not ${inspect(parties)}`)
    if (!Number.isInteger(parties) || parties < 1)
      throw new RangeError(`parties must be a whole number >= 1, not ${parties}`)
    this.#parties = parties
  }

  /** How many it waits for. asyncio: `parties`. */
  get parties(): number {
    return this.#parties
  }

  /** How many have come and wait for the others. */
  get nWaiting(): number {
    return this.#state === 'filling' ? this.#present.size : 0
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#state === 'broken'
  }

  /**
   * Waits until all the others have come. Who comes while the former ones are leaving waits for that first.
   * @returns a number from 0 to `parties` - 1 that no other of them gets
   * @throws BrokenBarrierError if it is broken, or is reset or aborted meanwhile; CancelledError when the task is
   *   cancelled or `signal` aborts, which leaves the others waiting
   *
   * asyncio: `Barrier.wait`.
   */
  wait(options: Abortable = {}): Promise<number> {
    return this.#locked(options, async () => {
      await this.#condition.waitFor(() => this.#state !== 'draining' && this.#state !== 'resetting', options)
      if (this.#state === 'broken') throw new BrokenBarrierError('The barrier is broken: it was aborted')
      const index = this.#arrive()
      try {
        if (this.#present.size === this.#parties) this.#become('draining')
        else await this.#waitForTheOthers(options)
        return index
      } finally {
        this.#leave(index)
      }
    })
  }

  /** Sends those who wait away with BrokenBarrierError and begins anew. asyncio: `Barrier.reset`. */
  reset(options: Abortable = {}): Promise<void> {
    return this.#locked(options, () => this.#become(this.#present.size > 0 ? 'resetting' : 'filling'))
  }

  /** Breaks it: who waits, and who comes, gets BrokenBarrierError, until it is reset. asyncio: `Barrier.abort`. */
  abort(options: Abortable = {}): Promise<void> {
    return this.#locked(options, () => this.#become('broken'))
  }

  async #locked<T>(options: Abortable, body: () => Promise<T> | T): Promise<T> {
    await this.#condition.acquire(options)
    try {
      return await body()
    } finally {
      this.#condition.release()
    }
  }

  /** The least index that is free: after a cancellation the next one's may be its, or else two would have the same. */
  #arrive(): number {
    let index = this.#present.size
    if (this.#present.has(index)) for (index = 0; this.#present.has(index); ) index++
    this.#present.add(index)
    return index
  }

  #become(state: State): void {
    this.#state = state
    this.#condition.notifyAll()
  }

  async #waitForTheOthers(options: Abortable): Promise<void> {
    await this.#condition.waitFor(() => this.#state !== 'filling', options)
    if (this.#state === 'broken' || this.#state === 'resetting')
      throw new BrokenBarrierError('The barrier was reset or aborted')
  }

  /** After the last one it is empty: those who came meanwhile are let in. */
  #leave(index: number): void {
    this.#present.delete(index)
    if (this.#present.size > 0) return
    if (this.#state === 'resetting' || this.#state === 'draining') this.#state = 'filling'
    this.#condition.notifyAll()
  }

  [inspect.custom](): string {
    return `<Barrier [${this.#state}${this.broken ? '' : `, waiters:${this.nWaiting}/${this.#parties}`}]>`
  }
}
