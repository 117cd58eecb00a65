import type { Awaitable } from '../loop/event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import { Runner, type RunnerOptions } from './runner.js'

/**
 * Runs a program: makes a loop, runs `main` in it, cancels and awaits the tasks it left, closes the loop.
 *
 * ```ts
 * import { run, sleep } from '@loop/core'
 *
 * console.log(await run(() => sleep(10, 'done')))
 * ```
 * prints
 * ```text
 * done
 * ```
 *
 * @param main an async function
 * @param options those of `Runner`; `signal`: cancels `main` when it aborts
 * @returns what `main` gives
 * @throws TypeError if `main` cannot be awaited; LoopError `ERR_LOOP_RUNNING` from inside a running loop;
 *   InterruptedError after Ctrl-C (see `Runner.run`)
 *
 * asyncio: `run`.
 */
export function run<T>(main: Awaitable<T>, options: RunnerOptions & Abortable = {}): Promise<T> {
  const runner = new Runner(options)
  return finish(runner, runner.run(main, options.signal === undefined ? {} : { signal: options.signal }))
}

async function finish<T>(runner: Runner, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome
  } finally {
    await runner.close()
  }
}
