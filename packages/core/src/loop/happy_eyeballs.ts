/** Connecting to a name with several addresses, RFC 8305 ("Happy Eyeballs"). asyncio: `staggered.py`. */
import type { AddrInfo } from '../dns/addr_info.js'
import type { Future } from '../futures/future.js'
import type { EventLoop } from './event_loop.js'
import type { TimerHandle } from './timer_handle.js'

/** Milliseconds before the next address is tried beside the one before: the RFC's recommendation. */
export const defaultHappyEyeballsDelay = 250

/**
 * Lets the families take turns, so that a family that is broken costs one delay and not one for each address.
 * @param firstCount how many of the first address's family come before the turns begin
 */
export function interleaveFamilies(infos: readonly AddrInfo[], firstCount: number): AddrInfo[] {
  const families = new Map<string, AddrInfo[]>()
  for (const info of infos) {
    const list = families.get(info.family)
    if (list === undefined) families.set(info.family, [info])
    else list.push(info)
  }
  const lists = [...families.values()]
  const ordered = lists.length === 0 ? [] : lists[0]!.splice(0, firstCount - 1)
  while (lists.some((list) => list.length > 0)) {
    for (const list of lists) {
      const next = list.shift()
      if (next !== undefined) ordered.push(next)
    }
  }
  return ordered
}

/**
 * Begins the attempts one after another, each `delay` milliseconds after the one before or at once when that failed.
 * The first that succeeds wins; the others are cancelled, and have ended when this returns.
 * @param discard what to do with the result of an attempt that succeeded although another had won
 * @returns the winner's result, or null if every attempt failed; each attempt keeps its own account of why
 * @throws what `isFinal` says of an attempt's error that ends them all
 */
export async function staggeredRace<T extends object>(
  loop: EventLoop,
  attempts: readonly (() => Promise<T>)[],
  delay: number,
  discard: (late: T) => void,
  isFinal: (error: unknown) => boolean,
): Promise<T | null> {
  const race = new StaggeredRace(loop, attempts, delay, discard, isFinal)
  let taken = false
  try {
    race.beginNext()
    await race.decided
    await race.end()
    taken = true
    return race.winner
  } finally {
    if (!taken) {
      if (race.winner !== null) discard(race.winner)
      await race.end()
    }
  }
}

class StaggeredRace<T extends object> {
  readonly decided: Future<void>
  winner: T | null = null
  readonly #running = new Set<Future<T>>()
  #begun = 0
  #over = false
  #timer: TimerHandle | null = null
  #ended: Future<void> | null = null

  constructor(
    readonly loop: EventLoop,
    readonly attempts: readonly (() => Promise<T>)[],
    readonly delay: number,
    readonly discard: (late: T) => void,
    readonly isFinal: (error: unknown) => boolean,
  ) {
    this.decided = loop.createFuture<void>()
  }

  beginNext(): void {
    this.#timer?.cancel()
    this.#timer = null
    const attempt = this.attempts[this.#begun]
    if (attempt === undefined) return
    this.#begun++
    const task = this.loop.createTask(attempt, { name: `connection attempt ${this.#begun}` })
    this.#running.add(task)
    task.addDoneCallback((done) => this.#attemptEnded(done))
    if (this.#begun < this.attempts.length) this.#timer = this.loop.callLater(this.delay, () => this.beginNext())
  }

  #attemptEnded(task: Future<T>): void {
    this.#running.delete(task)
    const error = task.cancelled() ? null : task.exception()
    if (!task.cancelled() && error === null) this.#succeeded(task.result())
    else if (!this.#isOver()) this.#failed(error)
    const ended = this.#ended
    if (this.#running.size === 0 && ended !== null && !ended.done()) ended.setResult()
  }

  /** Also between a cancellation of who waits and its turn. */
  #isOver(): boolean {
    return this.#over || this.decided.done()
  }

  #succeeded(result: T): void {
    if (this.#isOver()) {
      this.discard(result)
      return
    }
    this.winner = result
    this.decided.setResult()
  }

  #failed(error: Error | null): void {
    if (error !== null && this.isFinal(error)) {
      this.decided.setException(error)
      return
    }
    this.beginNext()
    if (this.#running.size === 0) this.decided.setResult()
  }

  /** Takes back what still runs and waits for its clean-up; on the way out of a cancellation, too. */
  async end(): Promise<void> {
    this.#over = true
    this.#timer?.cancel()
    if (this.#running.size === 0) return
    this.#ended = this.loop.createFuture<void>()
    for (const task of this.#running) task.cancel()
    await this.#ended
  }
}
