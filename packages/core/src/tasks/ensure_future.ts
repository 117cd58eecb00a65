import { inspect } from 'node:util'
import { Future, isFuture } from '../futures/future.js'
import type { Awaitable, EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'

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
 * A future that ends as `promise` does; its wait can be cancelled, which leaves the promise to itself.
 * asyncio: `wrap_future`.
 */
export function wrapFuture<T>(promise: PromiseLike<T>, options: { loop?: EventLoop } = {}): Future<T> {
  if (isFuture(promise)) return promise as unknown as Future<T>
  if (!isThenable(promise)) throw new TypeError(`A promise is required, not ${inspect(promise)}`)
  const future = new Future<T>({ loop: options.loop ?? getRunningLoop() })
  // A loop that closed meanwhile takes no more results, and nobody can be waiting.
  const open = () => !future.done() && !future.getLoop().isClosed()
  promise.then(
    (value) => {
      if (open()) future.setResult(value)
    },
    (error: unknown) => {
      if (open()) future._fail(error)
    },
  )
  return future
}

/** @internal */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
