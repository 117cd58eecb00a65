import { BaseEventLoop } from '../loop/base_event_loop.js'
import { ChainedDriver, type Waiting } from '../loop/chained_driver.js'
import type { LoopBackend } from '../loop/event_loop.js'
import type { Feature } from '../loop/features.js'

/** A clock that stands still while there is work and jumps to the next deadline when there is none. */
class VirtualClock implements Waiting {
  readonly name = 'virtual'
  readonly armed = false
  #now = 0
  #ready: (() => void) | null = null
  #hold: NodeJS.Timeout | null = null

  now(): number {
    return this.#now
  }

  poll(): number {
    return 0
  }

  attach(ready: () => void): void {
    this.#ready = ready
  }

  arm(deadline: number): void {
    // Without a deadline only the host can bring work, and it wakes the driver when it does.
    if (deadline === Number.POSITIVE_INFINITY) return
    this.#now = Math.max(this.#now, deadline)
    setImmediate(() => this.#ready?.())
  }

  disarm(): void {}

  hold(on: boolean): void {
    if (on) this.#hold ??= setInterval(() => {}, 0x7fffffff)
    else {
      if (this.#hold !== null) clearInterval(this.#hold)
      this.#hold = null
    }
  }

  close(): void {
    this.hold(false)
    this.#ready = null
  }
}

/**
 * A loop whose time is virtual: `time()` begins at 0 and jumps to the next deadline whenever nothing is ready. For tests of
 * code that waits; it needs no backend and has no I/O.
 *
 * ```ts
 * import { getRunningLoop, run, sleep } from '@loop/core'
 * import { VirtualClockEventLoop } from '@loop/core/testing'
 *
 * const anHour = async () => {
 *   await sleep(3_600_000)
 *   return getRunningLoop().time()
 * }
 * console.log(await run(anHour, { loopFactory: () => new VirtualClockEventLoop() }))
 * ```
 * prints
 * ```text
 * 3600000
 * ```
 */
export class VirtualClockEventLoop extends BaseEventLoop {
  constructor() {
    super(new ChainedDriver(new VirtualClock()))
  }

  override supports(_feature: Feature): boolean {
    return false
  }

  override get backend(): LoopBackend {
    return { name: 'virtual', kind: 'selector', package: '@loop/core/testing', driver: 'virtual' }
  }

  protected override _processEvents(_count: number): void {}
  protected override _releaseResources(): void {}
}
