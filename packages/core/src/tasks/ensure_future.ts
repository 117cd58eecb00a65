import { inspect } from 'node:util'
import { type Future, isFuture } from '../futures/future.js'
import { follow, LinkedFuture } from '../futures/linked_future.js'
import type { Awaitable, EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { ThreadFuture } from '../threads/thread_future.js'

/**
 * A future of anything that can be awaited: a future as it is, an async function as a task, another promise wrapped.
 * @param options `loop`: where it belongs; the future's own, or the running loop
 * @throws TypeError for anything else, RangeError for a future of another loop
 *
 * asyncio: `ensure_future`.
 */
export function ensureFuture<T>(aw: Awaitable<T>, options: { loop?: EventLoop } = {}): Future<T> {
  if (isFuture(aw)) {
    if (options.loop !== undefined && aw.getLoop() !== options.loop) {
      throw new RangeError('The future belongs to a different loop than the one specified as the loop argument')
    }
    return aw as Future<T>
  }
  const loop = () => options.loop ?? getRunningLoop()
  if (typeof aw === 'function') return loop().createTask(aw)
  if (isThenable(aw)) return wrapFuture(aw, { loop: loop() })
  throw new TypeError(`A future, a promise or an async function is required, not ${inspect(aw)}`)
}

/**
 * A future that ends as `promise` does. Cancelling it ends the wait and leaves the promise to itself, except for a
 * `ThreadFuture`, which is cancelled too.
 *
 * ```ts
 * import { createTask, run, sleep, wrapFuture } from '@loop/core'
 *
 * await run(async () => {
 *   const task = createTask(() => wrapFuture(new Promise(() => {})))
 *   await sleep(1)
 *   task.cancel('enough')
 *   console.log(await task.catch((error: Error) => `${error.name}: ${error.message}`))
 * })
 * ```
 * prints
 * ```text
 * CancelledError: enough
 * ```
 *
 * asyncio: `wrap_future`.
 */
export function wrapFuture<T>(promise: PromiseLike<T>, options: { loop?: EventLoop } = {}): Future<T> {
  if (isFuture(promise)) return promise as unknown as Future<T>
  if (!isThenable(promise)) throw new TypeError(`A promise is required, not ${inspect(promise)}`)
  const future = new LinkedFuture<T>({ loop: options.loop ?? getRunningLoop() }, (message) => {
    if (promise instanceof ThreadFuture) promise.cancel(message)
  })
  follow(promise, future)
  return future
}

/** @internal */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
