import type { BaseEventLoop } from './base_event_loop.js'
import type { Handle } from './handle.js'

/**
 * Debug mode's watch for callbacks that hold the loop. A handle that resumes a task is measured to the end of its
 * slice, because the task's code runs in the microtasks after it.
 */
export class SlowCallbacks {
  readonly #loop: BaseEventLoop
  #handle: Handle | null = null
  #description = ''
  #began = 0

  constructor(loop: BaseEventLoop) {
    this.#loop = loop
  }

  handleBegins(handle: Handle): void {
    this.#handle = handle
    // Taken now: a handle lets go of what it ran, and a task that ended has another state.
    this.#description = handle._describe()
    this.#began = performance.now()
  }

  handleEnds(): void {
    if (this.#handle === null) return
    this.#handle = null
    const took = performance.now() - this.#began
    if (took < this.#loop.slowCallbackDuration) return
    process.emitWarning(`Executing ${this.#description} took ${(took / 1000).toFixed(3)} seconds`, {
      type: 'LoopWarning',
      code: 'LOOP_SLOW_CALLBACK',
    })
  }

  /** The slice before is over, microtasks included. */
  sliceBegins(): void {
    this.handleEnds()
  }
}
