import type { Context } from '../context/context.js'
import type { BaseEventLoop } from './base_event_loop.js'
import { callbackName, Handle } from './handle.js'

/** A callback that waits for its time; what `callLater` and `callAt` give. asyncio: `TimerHandle`. */
export class TimerHandle extends Handle {
  readonly #when: number
  /** @internal equal deadlines fire in the order in which they were made */ readonly _sequence: number
  /** @internal still in the heap */ _scheduled = true

  /** @internal use `loop.callLater` or `loop.callAt` */
  constructor(
    loop: BaseEventLoop,
    when: number,
    sequence: number,
    callback: (...args: never[]) => unknown,
    args: readonly unknown[],
    context: Context | null,
  ) {
    super(loop, callback, args, context)
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
