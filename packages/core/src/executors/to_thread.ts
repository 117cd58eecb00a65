import type { Future } from '../futures/future.js'
import { getRunningLoop } from '../loop/running.js'
import type { JobFunction, ModuleFunction, SelfContained } from './job_function.js'
import { withContext } from './run_in_context.js'

/**
 * Runs a function on a thread of the loop's default executor, with a copy of the context variables; what it sets is not
 * seen here.
 *
 * ```ts
 * await toThread((text: string) => text.length, 'a self-contained function')
 * await toThread({ module: new URL('./resize.js', import.meta.url), name: 'resize', transfer: [image] }, image)
 * ```
 * @param fn a self-contained function, which crosses as its source; or `{ module, name }` of an exported one, with
 *   `transfer` (what is handed over instead of copied) and `signal`
 * @param args are copied as `postMessage` copies them
 * @returns what the function gives; cancelling the task that awaits it ends the job, with its thread if it runs
 * @throws TypeError at the call if the function or an argument cannot cross, and says why
 *
 * asyncio: `to_thread`.
 */
export function toThread<A extends unknown[], T>(
  fn: ((...args: A) => T) | SelfContained<A, T>,
  ...args: A
): Promise<Awaited<T>>
export function toThread<T>(
  fn: ((...args: any[]) => T | PromiseLike<T>) | ModuleFunction,
  ...args: unknown[]
): Promise<T>
export function toThread<T>(fn: JobFunction, ...args: unknown[]): Promise<T> {
  const call = withContext(fn, args)
  return resultOf(getRunningLoop().runInExecutor<T>(null, call.fn as never, ...call.args))
}

async function resultOf<T>(future: Future<T>): Promise<T> {
  return await future
}
