import type { FrameCallGraphEntry } from '../introspection/call_frame.js'
import { scheduleRan, sourceOf } from '../introspection/source.js'
import { taskFrames } from '../introspection/task_frames.js'
import type { EventLoop } from './event_loop.js'
import type { Handle } from './handle.js'

/**
 * Debug mode's watch for callbacks that hold the loop. A handle that resumes a task is measured to the end of its
 * slice, because the task's code runs in the microtasks after it.
 */
export class SlowCallbacks {
  readonly #loop: EventLoop
  #handle: Handle | null = null
  #description = ''
  #began = 0

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  handleBegins(handle: Handle): void {
    this.#handle = handle
    // Taken now: a handle lets go of what it ran, and a task that ended has another state.
    this.#description = handle._describe()
    this.#began = performance.now()
  }

  handleEnds(): void {
    const handle = this.#handle
    if (handle === null) return
    this.#handle = null
    const took = performance.now() - this.#began
    if (took >= this.#loop.slowCallbackDuration) {
      process.emitWarning(`Executing ${this.#description} took ${(took / 1000).toFixed(3)} seconds`, {
        type: 'LoopWarning',
        code: 'LOOP_SLOW_CALLBACK',
        detail: whereabouts(handle),
      })
    }
    scheduleRan(handle)
  }

  /** The slice before is over, microtasks included. */
  sliceBegins(): void {
    this.handleEnds()
  }
}

/** The program's places that lead to the code that was slow: nobody knows any more which line it was. */
function whereabouts(handle: Handle): string {
  const task = handle._resumes()
  if (task === null) return place('scheduled', sourceOf(handle))
  const now = task.done() ? '' : place('it waits now', taskFrames(task))
  return [now, place('created', sourceOf(task))].filter(Boolean).join('\n')
}

function place(what: string, frames: readonly FrameCallGraphEntry[]): string {
  if (frames.length === 0) return ''
  return [`${what}:`, ...frames.map((frame) => `    ${frame}`)].join('\n')
}
