import { scopes } from '../context/scope.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import type { Coroutine, Task, TaskOptions } from './task.js'

/**
 * The task whose code is executing, at any depth of plain async functions; null in plain callbacks and in code of the host.
 * @param loop whose task is meant; the running loop if left out
 * @throws LoopError `ERR_LOOP_NOT_RUNNING` if no loop is given and none runs
 *
 * asyncio: `current_task`.
 */
export function currentTask(loop: EventLoop | null = null): Task | null {
  const of = loop ?? getRunningLoop()
  const task = scopes.getStore()?.task ?? null
  // Code that a finished task left behind (a promise nobody awaited) still has the task as its scope.
  return task === null || task.getLoop() !== of || task.done() ? null : task
}

/**
 * The tasks of a loop that are not done.
 * @param loop the running loop if left out
 * @throws LoopError `ERR_LOOP_NOT_RUNNING` if no loop is given and none runs
 *
 * asyncio: `all_tasks`.
 */
export function allTasks(loop: EventLoop | null = null): Set<Task> {
  const of = loop ?? getRunningLoop()
  return new Set([...of._tasks].filter((task) => !task.done()))
}

/**
 * Has the running loop run `coro` beside the code that calls this.
 *
 * ```ts
 * import { createTask, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const task = createTask(() => sleep(1, 'from the task'), { name: 'worker' })
 *   console.log(`${task.getName()} runs beside this`)
 *   console.log(await task)
 * })
 * ```
 * prints
 * ```text
 * worker runs beside this
 * from the task
 * ```
 *
 * @param coro an async function; it starts in the loop's next pass
 * @throws TypeError if `coro` is no function, LoopError `ERR_LOOP_NOT_RUNNING` outside a running loop
 *
 * asyncio: `create_task`.
 */
export function createTask<T>(coro: Coroutine<T>, options: TaskOptions = {}): Task<T> {
  return getRunningLoop().createTask(coro, options)
}
