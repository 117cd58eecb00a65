import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'

/**
 * What can be made without a loop and belongs, from the first wait on, to the loop in which that was: its waiters are
 * woken there.
 */
export abstract class LoopBound {
  #loop: EventLoop | null = null

  /** @internal the running loop; @throws LoopError `ERR_LOOP_FOREIGN` if somebody waited in another one before */
  protected boundLoop(): EventLoop {
    const loop = getRunningLoop()
    this.#loop ??= loop
    if (this.#loop === loop) return loop
    throw new LoopError(`${inspect(this)} is bound to a different event loop`, 'ERR_LOOP_FOREIGN')
  }
}
