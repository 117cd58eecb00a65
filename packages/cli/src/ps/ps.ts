import type { LoopEntry } from '@loop/core'
import Table from 'cli-table3'
import { askProcess } from './ask.js'
import { heading, noLoop, notes } from './heading.js'
import { place, state } from './place.js'

/** `loop ps PID`. asyncio: `python -m asyncio ps PID`. */
export async function ps(pid: number, options: { json?: boolean; timeout: number }): Promise<void> {
  const { threads, problems } = await askProcess(pid, options.timeout)
  if (options.json) console.log(JSON.stringify({ pid, threads, problems }, null, 2))
  else {
    const sections = threads.flatMap((thread) =>
      thread.loops.length === 0
        ? [noLoop(thread)]
        : thread.loops.map((loop) => [heading(thread, loop), ...table(loop), ...notes(loop)].join('\n')),
    )
    console.log(sections.join('\n\n'))
    for (const problem of problems) console.error(`loop: ${problem}`)
  }
  if (problems.length > 0) process.exitCode = 1
}

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

function table(loop: LoopEntry): string[] {
  if (loop.tasks.length === 0) return []
  const names = new Map(loop.tasks.map((task) => [task.id, task.name]))
  const rows = new Table({
    head: ['ID', 'TASK', 'COROUTINE', 'STATE', 'AWAITED BY', 'PLACE'],
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const task of [...loop.tasks].sort((a, b) => a.id - b.id)) {
    const waiters = task.awaitedBy.map((id) => `${names.get(id) ?? ''} (${id})`)
    rows.push([task.id, task.name, task.coroutine, state(task), waiters.join('\n'), place(task).join('\n')])
  }
  return rows
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}
