import {
  Barrier,
  BrokenBarrierError,
  Condition,
  Event,
  type EventLoop,
  gather,
  Lock,
  Queue,
  Semaphore,
  shield,
  sleep,
  waitFor,
} from '../../src/index.js'
import type { Chance } from './chance.js'

const permits = 3

/** Locks, queues and the like at which all tasks meet, and the proof that each keeps its promise. */
export class Places {
  readonly #loop: EventLoop
  readonly #chance: Chance
  readonly #lock = new Lock()
  readonly #semaphore = new Semaphore(permits)
  readonly #condition = new Condition()
  readonly #event = new Event()
  readonly #barrier = new Barrier(3)
  readonly #queue = new Queue<number>(4)
  #inLock = 0
  #inSemaphore = 0
  /** For each item 1 when it was put, less 1 when it was got. */
  readonly #items = new Map<number, number>()
  #next = 0
  got = 0

  constructor(loop: EventLoop, chance: Chance) {
    this.#loop = loop
    this.#chance = chance
  }

  /** Something that waits, at one of the places; it may be cancelled at any time. */
  visit(): Promise<unknown> {
    return this.#chance.pick(this.#deeds)()
  }

  /** What is wrong now that nobody is there any more. */
  async faults(): Promise<string[]> {
    const faults: string[] = []
    if (this.#lock.locked()) faults.push('the lock is held')
    if (this.#condition.locked()) faults.push("the condition's lock is held")
    for (let n = 0; n < permits; n++) {
      if (this.#semaphore.locked()) faults.push(`permit ${n} is lost`)
      else await this.#semaphore.acquire()
    }
    if (!this.#semaphore.locked()) faults.push('there are permits too many')
    while (!this.#queue.empty()) {
      this.#count(this.#queue.getNowait(), -1)
      this.#queue.taskDone()
    }
    for (const [item, count] of this.#items) {
      if (count !== 0) faults.push(`item ${item} was ${count > 0 ? 'lost' : 'got without having been put'}`)
    }
    await this.#queue.join()
    await this.#barrier.reset()
    if (this.#barrier.nWaiting !== 0) faults.push('somebody is at the barrier')
    return faults
  }

  readonly #deeds: readonly (() => Promise<unknown>)[] = [
    () => sleep(this.#chance.below(4)),

    async () => {
      using _ = await this.#lock.acquire()
      if (++this.#inLock > 1) throw new Error('two are in the lock')
      try {
        await sleep(this.#chance.below(2))
      } finally {
        this.#inLock--
      }
    },

    async () => {
      using _ = await this.#semaphore.acquire()
      if (++this.#inSemaphore > permits) throw new Error('more are in the semaphore than it has permits')
      try {
        await sleep(this.#chance.below(2))
      } finally {
        this.#inSemaphore--
      }
    },

    async () => {
      using _ = await this.#condition.acquire()
      if (this.#chance.of(0.5)) this.#condition.notify(1 + this.#chance.below(3))
      else await this.#condition.wait()
    },

    async () => {
      if (this.#chance.of(0.5)) await this.#event.wait()
      else if (this.#event.isSet()) this.#event.clear()
      else this.#event.set()
    },

    async () => {
      try {
        if (this.#chance.of(0.1)) await this.#barrier.reset()
        else return await this.#barrier.wait()
      } catch (error) {
        if (!(error instanceof BrokenBarrierError)) throw error
      }
      return 'broken'
    },

    () => this.#put(),
    () => this.#put(),
    async () => this.#done(await this.#queue.get()),
    // A promise that is under way, which loses nothing when its time is over either.
    async () => this.#done(await waitFor(this.#queue.get(), this.#chance.below(5))),
    () => this.#getUntilAborted(),

    () => gather([() => sleep(this.#chance.below(3), 1), () => sleep(this.#chance.below(3), 2)]),
    () => shield(() => sleep(this.#chance.below(3), 'shielded')).then(),
  ]

  async #put(): Promise<void> {
    const item = this.#next++
    await this.#queue.put(item)
    this.#count(item, 1)
  }

  async #getUntilAborted(): Promise<unknown> {
    const abort = new AbortController()
    const timer = this.#loop.callLater(this.#chance.below(5), () => abort.abort('aborted'))
    try {
      return await this.#done(await this.#queue.get({ signal: abort.signal }))
    } catch (error) {
      if ((error as Error).cause !== 'aborted') throw error
      return 'aborted'
    } finally {
      timer.cancel()
    }
  }

  async #done(item: number): Promise<number> {
    this.#count(item, -1)
    this.got++
    try {
      await sleep(0)
    } finally {
      this.#queue.taskDone()
    }
    return item
  }

  #count(item: number, by: 1 | -1): void {
    this.#items.set(item, (this.#items.get(item) ?? 0) + by)
  }
}
