import type { TaskEntry } from '@loop/core'

/** Where a task stands, innermost first, without the `at async ` that every line would begin with. */
export function place(task: TaskEntry): string[] {
  if (task.stack.length > 0) return task.stack.map((line) => line.replace(/^at (async )?/, ''))
  if (task.state === 'created') return ['has not begun']
  return [task.waitsFor.length === 0 ? 'awaits a promise that is not the loop’s' : task.waitsFor.join(', ')]
}

/** The state, and that it was asked to end. */
export function state(task: TaskEntry): string {
  return task.cancelling ? `${task.state}, cancelling` : task.state
}
