import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { abortable } from '../tasks/abortable.js'
import type { Waiter, WaitingLine } from './waiting_line.js'

/**
 * What can be made without a loop and belongs, from the first wait on, to the loop in which that was: its waiters are
 * woken there.
 */
export abstract class LoopBound {
  #loop: EventLoop | null = null

  /**
   * @internal waits in `line`, and leaves it when its turn comes. No async function: each would cost a wait two more
   * promises. Both functions run in the loop's scope, before the code that waits goes on in its own.
   * @param woken gives what the wait resolves to
   * @param gaveUp the wait was cancelled or aborted, maybe after it was woken; it rejects after that
   */
  protected waitIn<T>(
    line: WaitingLine,
    signal: AbortSignal | undefined,
    woken: () => T | PromiseLike<T>,
    gaveUp: (waiter: Waiter) => void,
  ): Promise<T> {
    let waiter: Waiter
    try {
      waiter = line.join(this.boundLoop())
    } catch (error) {
      return Promise.reject(error)
    }
    return abortable(waiter, signal).then(
      () => {
        line.leave(waiter)
        return woken()
      },
      (error) => {
        line.leave(waiter)
        gaveUp(waiter)
        throw error
      },
    )
  }

  /** @internal the running loop; @throws LoopError `ERR_LOOP_FOREIGN` if somebody waited in another one before */
  protected boundLoop(): EventLoop {
    const loop = getRunningLoop()
    this.#loop ??= loop
    if (this.#loop === loop) return loop
    throw new LoopError(`${inspect(this)} is bound to a different event loop`, 'ERR_LOOP_FOREIGN')
  }
}
