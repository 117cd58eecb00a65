import { scopes } from '../context/scope.js'
import type { WakeUp } from '../futures/wake_up.js'
import type { Task } from '../tasks/task.js'
import type { Turn } from '../tasks/turn.js'
import type { FrameCallGraphEntry } from './call_frame.js'
import { foreignAwaits } from './foreign_awaits.js'
import { framesOf, isOwn, programFrames } from './program_frames.js'
import { suspendedFrames, throughHandler, throughPromise } from './suspended_frames.js'

/**
 * Where a task's code stands, innermost first: the program's own frames. Empty for a task that has not begun, that is
 * done, or that awaits a promise which is not the loop's (unless those are noted, see `foreign_awaits`).
 */
export function taskFrames(task: Task<unknown>): FrameCallGraphEntry[] {
  if (task.done()) return []
  for (const wait of task._currentWaits()) {
    const frames = waitingFrames(wait)
    if (frames.length > 0) return frames
  }
  // Asked last: a callback of the host that a task left behind is still in the task's scope.
  if (scopes.getStore()?.task === task) return runningFrames()
  return foreignFrames(task)
}

/** Each function on the way awaits a promise, the innermost the one that matters: from there the stack is the longest. */
function foreignFrames(task: Task<unknown>): FrameCallGraphEntry[] {
  let longest: FrameCallGraphEntry[] = []
  for (const promise of foreignAwaits(task)) {
    const frames = programFrames(suspendedFrames(throughPromise(promise)))
    if (frames.length > longest.length) longest = frames
  }
  return longest
}

function waitingFrames(wait: WakeUp | Turn): FrameCallGraphEntry[] {
  for (const continuation of wait._continuations()) {
    if (typeof continuation !== 'function') continue
    const frames = programFrames(suspendedFrames(throughHandler(continuation)))
    if (frames.length > 0) return frames
  }
  return []
}

/** The frames of the code that runs now, up to where its task begins. */
export function runningFrames(): FrameCallGraphEntry[] {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const stack = new Error().stack
  Error.stackTraceLimit = limit
  const frames = framesOf(String(stack))
  // On top are ours that were called to look. A task that began inside `createTask` has its creator's frames below ours.
  const first = frames.findIndex((frame) => !isOwn(frame))
  const begin = frames.findIndex((frame, index) => index > first && isOwn(frame, '#step'))
  return programFrames(begin < 0 ? frames : frames.slice(0, begin))
}
