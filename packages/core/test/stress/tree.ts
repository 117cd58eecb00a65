import {
  CancelledError,
  createTask,
  type EventLoop,
  sleep,
  type Task,
  TaskGroup,
  TimeoutError,
  timeout,
  waitFor,
} from '../../src/index.js'
import { Chance } from './chance.js'
import { Places } from './places.js'

class Failure extends Error {}

/**
 * A tree of tasks: groups in tasks in groups, who fail, are cancelled and run out of time as a seed says. What begins and
 * what ends is counted, and all that happens goes into a digest, in its order.
 */
export class Tree {
  readonly #loop: EventLoop
  readonly #most: number
  readonly #chance: Chance
  readonly places: Places
  readonly #alive: Task[] = []
  #digest = 0x811c9dc5
  /** `entered` and `left` are bodies of tasks that began, and their `finally`. */
  readonly counts = { created: 0, entered: 0, left: 0, ended: 0, cancelled: 0, failed: 0, timeouts: 0 }

  /** @param most how many tasks are made */
  constructor(loop: EventLoop, seed: number, most: number) {
    this.#loop = loop
    this.#most = most
    this.#chance = new Chance(seed)
    this.places = new Places(loop, this.#chance)
  }

  /** Everything that happened, as a number. */
  get digest(): number {
    return this.#digest >>> 0
  }

  async grow(): Promise<void> {
    const reaper = createTask(() => this.#cancelAtRandom())
    for (let root = 0; this.counts.created < this.#most; root++) {
      const body = async (group: TaskGroup) => {
        for (let n = 0; n < 20; n++) this.#spawn(group, `${root}.${n}`, 0)
      }
      await TaskGroup.run(body).catch((error) => this.#note('root', error))
    }
    reaper.cancel()
    await reaper.catch(() => {})
    // What was shielded goes on for a moment.
    await sleep(10)
  }

  #spawn(group: TaskGroup, name: string, depth: number): void {
    if (this.counts.created >= this.#most) return
    this.counts.created++
    const task = group.createTask(() => this.#live(name, depth), { name, eagerStart: this.#chance.of(0.1) })
    this.#alive.push(task)
    task.addDoneCallback(() => {
      this.counts.ended++
      if (task.cancelled()) this.counts.cancelled++
      else if (task.exception() !== null) this.counts.failed++
    })
  }

  async #live(name: string, depth: number): Promise<string> {
    this.counts.entered++
    try {
      for (let steps = this.#chance.below(3); steps >= 0; steps--) this.#note(name, await this.#visit())
      if (depth < 6 && this.#chance.of(0.6)) await this.#group(name, depth)
      if (this.#chance.of(0.02)) throw new Failure(name)
      return 'lived'
    } catch (error) {
      this.#note(name, error)
      if (error instanceof CancelledError) {
        // Who is asked to end cleans up first, and sometimes goes on all the same.
        if (this.#chance.of(0.3)) await sleep(this.#chance.below(3))
        if (this.#chance.of(0.1)) return 'survived'
      }
      throw error
    } finally {
      this.counts.left++
    }
  }

  async #group(name: string, depth: number): Promise<void> {
    const body = async (group: TaskGroup) => {
      for (let n = this.#chance.below(4); n >= 0; n--) this.#spawn(group, `${name}.${n}`, depth + 1)
      await sleep(this.#chance.below(2))
      if (this.#chance.of(0.05)) group.cancel()
    }
    try {
      await (this.#chance.of(0.3) ? timeout(this.#chance.below(30), () => TaskGroup.run(body)) : TaskGroup.run(body))
    } catch (error) {
      this.#note(name, error)
      if (error instanceof CancelledError || this.#chance.of(0.2)) throw error
    }
  }

  /** No visit is for ever. */
  async #visit(): Promise<unknown> {
    const limit = this.#chance.below(20)
    const visit = () => this.places.visit()
    try {
      return await (this.#chance.of(0.5) ? timeout(limit, visit) : waitFor(visit, limit))
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      this.counts.timeouts++
      return error
    }
  }

  async #cancelAtRandom(): Promise<void> {
    for (;;) {
      await sleep(this.#chance.below(2))
      const alive = this.#alive
      for (let n = this.#chance.below(4); n > 0 && alive.length > 0; n--) {
        const place = this.#chance.below(alive.length)
        const task = alive[place]!
        // The last takes its place: the list stays short, and its order the same.
        alive[place] = alive[alive.length - 1]!
        alive.pop()
        if (!task.done()) this.#note(task.getName(), task.cancel('at random'))
      }
      while (alive.length > 0 && alive[alive.length - 1]!.done()) alive.pop()
    }
  }

  #note(who: string, what: unknown): void {
    const text = `${this.#loop.time()} ${who} ${what instanceof Error ? `${what.name} ${what.message}` : what}`
    let digest = this.#digest
    for (let at = 0; at < text.length; at++) digest = Math.imul(digest ^ text.charCodeAt(at), 0x01000193)
    this.#digest = digest
  }
}
