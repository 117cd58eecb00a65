import { CancelledError, TimeoutError } from '../errors/index.js'
import { type Future, isFuture } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import type { Awaitable } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortable } from './abortable.js'
import { currentTask } from './current_task.js'
import { ensureFuture, isThenable } from './ensure_future.js'
import { interruptible } from './interruptible.js'
import { mustBeTime, timeout as runWithTimeout } from './timeout.js'

/**
 * Waits for one thing, not longer than `timeout`.
 *
 * ```ts
 * import { run, sleep, waitFor } from '@loop/core'
 *
 * console.log(await run(() => waitFor(() => sleep(1, 'in time'), 10_000)))
 * ```
 * prints
 * ```text
 * in time
 * ```
 *
 * @param aw an async function, which runs in the current task; a future; or a promise, which is left to itself when the
 *   wait ends early
 * @param timeout milliseconds; `null`: as long as it takes; 0 or less: only what is done already, an async function is
 *   not even started
 * @returns its result, also if it answers the cancellation with one, or if a promise's comes together with the end of
 *   the time
 * @throws TimeoutError, after a future or the function has been cancelled and its clean-up is done; what `aw` throws;
 *   LoopError outside a task
 *
 * `shield` keeps a future from being cancelled. asyncio: `wait_for`.
 */
export function waitFor<T>(aw: Awaitable<T>, timeout: number | null, options: Abortable = {}): Promise<T> {
  mustBeTime(timeout, 'timeout')
  if (!isFuture(aw) && typeof aw !== 'function' && isThenable(aw)) return waitForPromise(aw, timeout, options)
  if (timeout !== null && timeout <= 0) return onlyIfDone(ensureFuture(aw), options)
  if (typeof aw === 'function') return runWithTimeout(timeout, aw, options)
  const future = ensureFuture(aw)
  return runWithTimeout(timeout, () => future, options)
}

/**
 * A promise does not tell whether it is done, and nobody else may have what it resolves to. So also a timeout of 0
 * lets those microtasks run that are due, and what has come when the time is over counts.
 */
async function waitForPromise<T>(promise: PromiseLike<T>, timeout: number | null, options: Abortable): Promise<T> {
  let settled = false
  const settle = (error?: unknown) => {
    // A promise of this task was cancelled with it: that is no answer.
    settled = !(error instanceof CancelledError)
  }
  promise.then(() => settle(), settle)
  try {
    return await runWithTimeout(timeout, () => interruptible(promise, currentTask()!), options)
  } catch (error) {
    if (settled && error instanceof TimeoutError) return promise
    throw error
  }
}

async function onlyIfDone<T>(future: Future<T>, options: Abortable): Promise<T> {
  if (future.done()) return future.result()
  await cancelAndWait(future, options)
  try {
    return future.result()
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    throw new TimeoutError('The time is over', { cause: error })
  }
}

/** The future itself is not awaited, or else a cancellation of the caller would be lost in the future's own. */
async function cancelAndWait(future: Future<unknown>, options: Abortable): Promise<void> {
  const waiter = getRunningLoop().createFuture<void>()
  const release = onBehalfOf(
    () => waiter._waiters()[0] ?? null,
    () => {
      if (!waiter.done()) waiter.setResult()
    },
  )
  future.addDoneCallback(release)
  try {
    future.cancel()
    await abortable(waiter, options.signal)
  } finally {
    future.removeDoneCallback(release)
  }
}
