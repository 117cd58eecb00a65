import type { LoopEntry, TaskTable } from '@loop/core'

/** One line about a loop: where it runs, on what, how many tasks it has. */
export function heading({ pid, threadId }: TaskTable, loop: LoopEntry): string {
  const where = threadId === 0 ? `Process ${pid}` : `Process ${pid}, thread ${threadId}`
  const on = loop.backend === null ? '' : ` (${loop.backend.name}, ${loop.backend.driver})`
  const count = loop.tasks.length === 1 ? '1 task' : `${loop.tasks.length} tasks`
  return `${where}: ${loop.name}${on}, ${count}${loop.debug ? ', debug mode' : ''}`
}

/** What to say of a thread in which no loop runs. */
export function noLoop({ pid, threadId }: TaskTable): string {
  return `${threadId === 0 ? `Process ${pid}` : `Process ${pid}, thread ${threadId}`}: no loop runs at the moment`
}

/** Places that are not known, and why. */
export function notes(loop: LoopEntry): string[] {
  if (loop.stacksLeftOut === 0) return []
  return [`${loop.stacksLeftOut} tasks are shown without their place: asking for all would have held the process up`]
}
