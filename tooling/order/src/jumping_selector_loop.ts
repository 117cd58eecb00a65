import { SelectorEventLoop } from '@loop/core'
import { MORE_NONE, STATE_MORE, STATE_READY, TIME_DEADLINE } from '@loop/core/contract'

/**
 * The platform's own loop with its native driver, and a clock that jumps: where `VirtualClockEventLoop` proves the order
 * of core, this one proves that the driver keeps it. Deadlines of a clock that begins at 0 have passed long ago for the
 * driver, so that it never waits for them.
 */
export class JumpingSelectorLoop extends SelectorEventLoop {
  #now = 0

  override time(): number {
    return this.#now
  }

  override runSlice(): void {
    const passBegins = this.state[STATE_MORE] === MORE_NONE
    const deadline = this.times[TIME_DEADLINE]!
    if (passBegins && this.state[STATE_READY] === 0 && deadline !== Number.POSITIVE_INFINITY) {
      this.#now = Math.max(this.#now, deadline)
    }
    super.runSlice()
  }
}
