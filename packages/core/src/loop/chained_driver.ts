import {
  MORE_END_OF_RUN,
  MORE_HANDLES,
  STATE_ACTIVE,
  STATE_EVENTS,
  STATE_MORE,
  STATE_READY,
  STATE_STOP,
  TIME_DEADLINE,
} from '../backend/contract.js'
import { type Scope, scopes } from '../context/scope.js'
import { type Driver, type DriverClient, TURN_MILLISECONDS, TURN_PASSES } from './driver.js'

/** How a {@link ChainedDriver} waits: on a thread, or not at all under a virtual clock. */
export interface Waiting {
  readonly name: Driver['name']
  now(): number
  /** What the poller has now: a count, or -errno. */
  poll(): number
  /** Nothing to do until `deadline` (time of `now()`; may be Infinity): call `ready` when there is, at most once. */
  arm(deadline: number): void
  /** Take an `arm` back early: an earlier deadline appeared. `ready` may still be called. */
  disarm(): void
  /** Whether an `arm` has not been answered yet. */
  readonly armed: boolean
  attach(ready: () => void): void
  /** Keeps the host alive, or not. */
  hold(on: boolean): void
  close(): void
}

/**
 * A driver without native slices: they are chained by JavaScript. A microtask that is queued when a slice ends runs
 * after those that the slice caused; the tick it asks for runs when all of them, and what they caused, are done. The
 * next slice is entered from that tick. The order is the same as with native slices; a slice costs more.
 */
export class ChainedDriver implements Driver {
  readonly #waiting: Waiting
  #client: DriverClient | null = null
  #scope: Scope | undefined
  #running = false
  #scheduled = false
  #began = 0
  #passes = 0
  #armedFor = Number.POSITIVE_INFINITY
  readonly #next = () => process.nextTick(this.#enter)
  readonly #enter = () => this.#slice()

  constructor(waiting: Waiting) {
    this.#waiting = waiting
  }

  get name(): Driver['name'] {
    return this.#waiting.name
  }

  now(): number {
    return this.#waiting.now()
  }

  attach(client: DriverClient): void {
    this.#client = client
    this.#scope = scopes.getStore()
    this.#waiting.attach(() => this.#turn())
  }

  start(): void {
    this.#running = true
    this.#waiting.hold(true)
    this.#begin()
  }

  stop(): void {
    this.#running = false
    this.#waiting.hold(false)
    if (this.#client !== null) this.#client.state[STATE_ACTIVE] = 0
  }

  wake(): void {
    if (this.#running && !this.#scheduled) this.#begin()
  }

  close(): void {
    this.#running = false
    this.#client = null
    this.#waiting.close()
  }

  #begin(): void {
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  /** The host gave us the thread, for a bounded number of passes. */
  #turn(): void {
    const client = this.#client
    if (!this.#running || client === null || client.state[STATE_ACTIVE] === 1) return
    client.state[STATE_ACTIVE] = 1
    this.#began = performance.now()
    this.#passes = 0
    this.#pass(client)
  }

  #pass(client: DriverClient): void {
    // While the thread waits the poller is its own; it will tell of events by itself.
    client.state[STATE_EVENTS] = this.#waiting.armed ? 0 : this.#waiting.poll()
    this.#slice()
  }

  #slice(): void {
    const client = this.#client
    if (!this.#running || client === null) return
    // Ticks inherit the scope of whoever asked for them: slices run in the loop's.
    if (this.#scope === undefined) client.runSlice()
    else scopes.run(this.#scope, () => client.runSlice())
    if (!this.#running) return
    queueMicrotask(client.state[STATE_MORE] === MORE_HANDLES ? this.#next : this.#afterPass)
  }

  readonly #afterPass = () => process.nextTick(this.#decide)

  /** The pass is over and everything that it resumed has run. */
  readonly #decide = () => {
    const client = this.#client
    if (!this.#running || client === null) return
    const { state, times } = client
    if (state[STATE_STOP] !== 0) {
      state[STATE_MORE] = MORE_END_OF_RUN
      return this.#slice()
    }
    const work = state[STATE_READY] !== 0 || times[TIME_DEADLINE]! <= this.now()
    if (work && ++this.#passes < TURN_PASSES && performance.now() - this.#began < TURN_MILLISECONDS)
      return this.#pass(client)
    state[STATE_ACTIVE] = 0
    if (work) return this.#begin()
    this.#rest(times[TIME_DEADLINE]!)
  }

  #rest(deadline: number): void {
    if (!this.#waiting.armed) {
      this.#armedFor = deadline
      this.#waiting.arm(deadline)
    } else if (deadline < this.#armedFor) {
      this.#armedFor = deadline
      this.#waiting.disarm()
    }
  }
}
