import type { TaskEntry } from '@loop/core'
import { askProcess } from './ask.js'
import { heading, noLoop, notes } from './heading.js'
import { place, state } from './place.js'
import { deadlocks, type TaskNode, taskTree } from './task_tree.js'

/** `loop pstree PID`. asyncio: `python -m asyncio pstree PID`. */
export async function pstree(pid: number, options: { json?: boolean; timeout: number }): Promise<void> {
  const { threads, problems } = await askProcess(pid, options.timeout)
  if (options.json) {
    const trees = threads.map(({ loops, ...thread }) => ({
      ...thread,
      loops: loops.map(({ tasks, ...loop }) => ({
        ...loop,
        roots: taskTree(tasks),
        deadlocks: deadlocks(tasks).map((circle) => circle.map((task) => task.id)),
      })),
    }))
    console.log(JSON.stringify({ pid, threads: trees, problems }, null, 2))
  } else {
    const sections = threads.flatMap((thread) =>
      thread.loops.length === 0
        ? [noLoop(thread)]
        : thread.loops.map((loop) =>
            [
              heading(thread, loop),
              ...taskTree(loop.tasks).flatMap((root) => draw(root, '', '')),
              ...deadlocks(loop.tasks).map(deadlock),
              ...notes(loop),
            ].join('\n'),
          ),
    )
    console.log(sections.join('\n\n'))
    for (const problem of problems) console.error(`loop: ${problem}`)
  }
  if (problems.length > 0) process.exitCode = 1
}

/** @param first what stands before its first line, @param rest before the others */
function draw(task: TaskNode, first: string, rest: string): string[] {
  const title = `${first}${task.name} (${task.id}): ${task.coroutine}, ${state(task)}`
  if (task.repeated) return [`${title}, see above`]
  const children = task.waitsForTasks
  const lines = [title, ...place(task).map((line) => `${rest}${children.length > 0 ? '│' : ' '}    ${line}`)]
  children.forEach((child, index) => {
    const last = index === children.length - 1
    lines.push(...draw(child, `${rest}${last ? '└── ' : '├── '}`, `${rest}${last ? '    ' : '│   '}`))
  })
  return lines
}

function deadlock(circle: readonly TaskEntry[]): string {
  const names = circle.map((task) => `${task.name} (${task.id})`)
  return `Deadlock: ${[...names, names[0]].join(' waits for ')}`
}
