import type { TaskEntry } from '@loop/core'

/** A task with those that it waits for. */
export interface TaskNode extends TaskEntry {
  readonly waitsForTasks: readonly TaskNode[]
  /** It stands elsewhere as well, and what it waits for is shown there. */
  readonly repeated: boolean
}

/** The tasks that nobody waits for, each with all that it waits for; then what is left, which waits in a circle. */
export function taskTree(tasks: readonly TaskEntry[]): TaskNode[] {
  const waitsFor = links(tasks)
  const shown = new Set<TaskEntry>()
  const node = (task: TaskEntry): TaskNode => {
    const repeated = shown.has(task)
    shown.add(task)
    return { ...task, waitsForTasks: repeated ? [] : waitsFor(task).map(node), repeated }
  }
  const known = new Set(tasks.map((task) => task.id))
  const roots = tasks.filter((task) => !task.awaitedBy.some((id) => known.has(id))).map(node)
  for (const task of tasks) if (!shown.has(task)) roots.push(node(task))
  return roots
}

/** The circles of tasks that wait for each other: none of them can ever go on. Each begins with the task that comes first. */
export function deadlocks(tasks: readonly TaskEntry[]): TaskEntry[][] {
  const waitsFor = links(tasks)
  const found: TaskEntry[][] = []
  const path: TaskEntry[] = []
  const done = new Set<TaskEntry>()
  const walk = (task: TaskEntry): void => {
    const start = path.indexOf(task)
    if (start >= 0) found.push(path.slice(start))
    if (start >= 0 || done.has(task)) return
    path.push(task)
    for (const next of waitsFor(task)) walk(next)
    path.pop()
    done.add(task)
  }
  for (const task of tasks) walk(task)
  return found
}

/** Turns `awaitedBy` round. */
function links(tasks: readonly TaskEntry[]): (task: TaskEntry) => readonly TaskEntry[] {
  const waitsFor = new Map<number, TaskEntry[]>()
  for (const task of tasks) {
    for (const waiter of task.awaitedBy) {
      const others = waitsFor.get(waiter)
      if (others === undefined) waitsFor.set(waiter, [task])
      else others.push(task)
    }
  }
  return (task) => waitsFor.get(task.id) ?? []
}
