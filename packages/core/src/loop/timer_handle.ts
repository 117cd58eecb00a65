import type { Context } from '../context/context.js'
import { callbackName } from './callback.js'
import type { EventLoop } from './event_loop.js'
import { Handle } from './handle.js'

/** A callback that waits for its time; what `callLater` and `callAt` give. asyncio: `TimerHandle`. */
export class TimerHandle extends Handle {
  readonly #when: number
  /** @internal equal deadlines fire in the order in which they were made */ readonly _sequence: number
  /** @internal still in the heap */ _scheduled = true

  /**
   * For loops of your own; others use `loop.callLater` or `loop.callAt`.
   * @param when milliseconds of `loop.time()`
   * @param context what the callback runs in; a copy of the current one if left out, `null` for none of its own
   */
  constructor(
    when: number,
    callback: (...args: never[]) => unknown,
    args: readonly unknown[],
    loop: EventLoop,
    context?: Context | null,
    sequence = 0,
  ) {
    super(callback, args, loop, context)
    this.#when = when
    this._sequence = sequence
  }

  /** The loop time, in milliseconds, at which it is due; also after it fired or was cancelled. */
  when(): number {
    return this.#when
  }

  override cancel(): void {
    const counts = !this._cancelled && this._scheduled
    super.cancel()
    if (counts) this._loop._timerCancelled()
  }

  override _describe(): string {
    return `<TimerHandle when=${this.#when} ${this._callback === null ? 'cancelled' : callbackName(this._callback)}>`
  }
}
