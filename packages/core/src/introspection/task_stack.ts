import { inspect } from 'node:util'
import type { Task } from '../tasks/task.js'
import type { FrameCallGraphEntry } from './call_frame.js'
import { limited } from './call_graph.js'
import type { TextOutput } from './format_call_graph.js'
import { framesOf, programFrames } from './program_frames.js'
import { taskFrames } from './task_frames.js'

/** Where an unfinished task stands, or where the error of a failed one was thrown; innermost first. */
export function taskStack(task: Task<unknown>, limit: number | null = null): FrameCallGraphEntry[] {
  const error = failureOf(task)
  return limited(error === null ? taskFrames(task) : programFrames(framesOf(String(error.stack))), limit)
}

export function printTaskStack(
  task: Task<unknown>,
  options: { limit?: number | null | undefined; file?: TextOutput | undefined } = {},
): void {
  const frames = taskStack(task, options.limit ?? null)
  const error = failureOf(task)
  const what = error === null ? 'Stack' : 'Traceback'
  const lines = [frames.length === 0 ? `No stack for ${inspect(task)}` : `${what} for ${inspect(task)}:`]
  for (const frame of frames) lines.push(`    ${frame}`)
  if (error !== null) lines.push(`${error.name}: ${error.message}`)
  ;(options.file ?? process.stderr).write(`${lines.join('\n')}\n`)
}

/** Looked at without the error counting as retrieved. */
function failureOf(task: Task<unknown>): Error | null {
  const error = task._failure()
  return error instanceof Error ? error : null
}
