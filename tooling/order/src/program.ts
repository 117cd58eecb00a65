import { allTasks, currentTask, type EventLoop, sleep } from '@loop/core'
import type { Block, Program } from './ast.js'
import { Run } from './run.js'

/** In units of virtual time: who still runs by then waits for something that never comes. */
const longest = 60
/** A task may catch its cancellation and go on; each round cancels whatever it went on to. */
const rounds = 40

/** A program's trace on a loop of ours, which it closes. python/program.py is its twin. */
export async function runProgram(program: Pick<Program, 'main'>, loop: EventLoop): Promise<string[]> {
  const run = new Run(loop)
  loop.setExceptionHandler((_loop, context) => run.onError(context))
  await loop.runUntilComplete(() => drive(run, program.main))
  loop.close()
  return run.lines
}

/** Runs main, then cancels what it left behind until that has ended too. */
async function drive(run: Run, statements: Block): Promise<void> {
  currentTask(run.loop)?.setName('driver')
  const main = run.spawn({ name: 'main', body: statements })
  while (!main.done() && run.loop.time() < longest) await sleep(1)
  for (let round = 0; round < rounds; round++) {
    const left = [...run.tasks].filter((task) => !task.done())
    if (left.length === 0 && allTasks(run.loop).size === 1) {
      run.ended = true
      return
    }
    run.trace(`cleans up ${run.inOrder(left)}`)
    for (const task of left) task.cancel('clean-up')
    await sleep(1)
  }
  run.trace('gives up')
  run.ended = true
}
