import { inspect } from 'node:util'
import { type Future, isFuture } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortable } from './abortable.js'
import { mustBeTime } from './timeout.js'

/** `wait` returns when any of the futures is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED' as const
/** `wait` returns when any of the futures failed, or all are done; a cancelled one has not failed. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION' as const
/** `wait` returns when all of the futures are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED' as const

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED

/** Of `wait`. */
export interface WaitOptions extends Abortable {
  /** Milliseconds after which it returns in any case; `null` or left out: none. */
  timeout?: number | null | undefined
  /** `ALL_COMPLETED` if left out. */
  returnWhen?: ReturnWhen | undefined
}

/** What `wait` found: the same futures that it was given, in two sets. */
export interface WaitResult<F extends Future<unknown>> {
  /** Those that have a result or an exception, or were cancelled. */
  done: Set<F>
  /** The others. */
  pending: Set<F>
}

/**
 * Waits for futures without ending any of them: neither an error, nor the timeout, nor a cancellation of the wait does.
 *
 * ```ts
 * import { createTask, FIRST_COMPLETED, run, sleep, wait } from '@loop/core'
 *
 * await run(async () => {
 *   const [slow, quick] = [60_000, 1].map((delay) => createTask(() => sleep(delay)))
 *   const { done, pending } = await wait([slow!, quick!], { returnWhen: FIRST_COMPLETED })
 *   console.log(done.has(quick!), pending.has(slow!))
 *   slow!.cancel()
 * })
 * ```
 * prints
 * ```text
 * true true
 * ```
 *
 * @param aws futures and tasks, at least one; async functions are refused, as their tasks could not be found in the result
 * @returns those that are done and those that are not
 * @throws TypeError, RangeError for wrong arguments; CancelledError when the task is cancelled or `signal` aborts
 *
 * asyncio: `wait`.
 */
export function wait<F extends Future<unknown>>(aws: Iterable<F>, options: WaitOptions = {}): Promise<WaitResult<F>> {
  const { timeout = null, returnWhen = ALL_COMPLETED, signal } = options
  if (isFuture(aws) || typeof aws !== 'object' || aws === null || !(Symbol.iterator in aws)) {
    throw new TypeError(`expected a list of futures, not ${inspect(aws)}`)
  }
  const futures = new Set(aws)
  if (futures.size === 0) throw new RangeError('Set of tasks or futures is empty')
  if (returnWhen !== FIRST_COMPLETED && returnWhen !== FIRST_EXCEPTION && returnWhen !== ALL_COMPLETED) {
    throw new RangeError(`Invalid returnWhen value: ${inspect(returnWhen)}`)
  }
  mustBeTime(timeout, 'timeout')
  for (const future of futures) {
    if (!isFuture(future))
      throw new TypeError(`wait() takes futures and tasks (see createTask), not ${inspect(future)}`)
  }
  return waitUntil(getRunningLoop(), futures, timeout, returnWhen, signal)
}

async function waitUntil<F extends Future<unknown>>(
  loop: EventLoop,
  futures: ReadonlySet<F>,
  timeout: number | null,
  returnWhen: ReturnWhen,
  signal: AbortSignal | undefined,
): Promise<WaitResult<F>> {
  const waiter = loop.createFuture<void>()
  const release = () => {
    if (!waiter.done()) waiter.setResult()
  }
  const timer = timeout === null ? null : loop.callLater(timeout, release)
  let left = futures.size
  const oneDone = onBehalfOf(
    () => waiter._waiters()[0] ?? null,
    (future: Future<unknown>) => {
      left--
      if (left > 0 && returnWhen !== FIRST_COMPLETED && !(returnWhen === FIRST_EXCEPTION && failed(future))) return
      timer?.cancel()
      release()
    },
  )
  for (const future of futures) future.addDoneCallback(oneDone)
  try {
    await abortable(waiter, signal)
  } finally {
    timer?.cancel()
    for (const future of futures) future.removeDoneCallback(oneDone)
  }
  const done = new Set<F>()
  const pending = new Set<F>()
  for (const future of futures) (future.done() ? done : pending).add(future)
  return { done, pending }
}

function failed(future: Future<unknown>): boolean {
  return !future.cancelled() && future.exception() !== null
}
