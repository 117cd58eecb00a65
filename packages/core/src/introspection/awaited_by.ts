/**
 * Who waits for a future. An `await` is known to the future itself. Our own functions (`gather`, `shield`, `wait`, groups)
 * wait by a done callback, which therefore says on whose behalf; the link ends with the callback. For those of others
 * there are `futureAddToAwaitedBy` and `futureDiscardFromAwaitedBy`.
 */
import { inspect } from 'node:util'
import { Future, isFuture } from '../futures/future.js'

/** What a done callback has that waits on behalf of a future or task: who that is, at this moment. */
export interface Waiting {
  _waiter?: () => Future<unknown> | null
}

/** Says on whose behalf a done callback waits. */
export function onBehalfOf<F extends (future: never) => void>(waiter: () => Future<unknown> | null, callback: F): F {
  return Object.assign(callback, { _waiter: waiter })
}

const added = new WeakMap<Future<unknown>, Set<Future<unknown>>>()

/**
 * Tells the call graph that `waiter` waits for `future`, for code that waits in another way than by `await`.
 * @throws TypeError for what is no future
 *
 * asyncio: `future_add_to_awaited_by`.
 */
export function futureAddToAwaitedBy(future: Future<unknown>, waiter: Future<unknown>): void {
  mustBeFuture(future)
  mustBeFuture(waiter)
  const waiters = added.get(future) ?? new Set()
  added.set(future, waiters.add(waiter))
}

/** Takes that back. asyncio: `future_discard_from_awaited_by`. */
export function futureDiscardFromAwaitedBy(future: Future<unknown>, waiter: Future<unknown>): void {
  mustBeFuture(future)
  mustBeFuture(waiter)
  added.get(future)?.delete(waiter)
}

/** The tasks and futures that wait for `future`, each once, longest first. */
export function awaitedBy(future: Future<unknown>): Future<unknown>[] {
  const waiters = future instanceof Future ? future._waiters() : []
  return [...new Set([...waiters, ...(added.get(future) ?? [])])]
}

/** @internal */
export function mustBeFuture(value: unknown): void {
  if (!isFuture(value)) throw new TypeError(`A future or a task is required, not ${inspect(value)}`)
}
