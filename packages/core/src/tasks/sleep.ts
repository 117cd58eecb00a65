import { inspect } from 'node:util'
import { scopes } from '../context/scope.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortable, abortError } from './abortable.js'
import { Turn } from './turn.js'

/**
 * Waits.
 * @param delay milliseconds; 0 or less lets every handle that is ready have its turn, once
 * @throws RangeError for NaN; CancelledError when the task is cancelled
 *
 * asyncio: `sleep`.
 */
export function sleep(delay: number): Promise<void>
/**
 * Waits.
 * @param delay as above
 * @param result what it resolves to
 * @param options `signal`: ends it with CancelledError
 */
export function sleep<T>(delay: number, result: T, options?: Abortable): Promise<T>
export function sleep<T>(delay: number, result?: T, options: Abortable = {}): Promise<T | undefined> {
  if (typeof delay !== 'number') throw new TypeError(`delay must be a number of milliseconds, not ${inspect(delay)}`)
  if (Number.isNaN(delay)) throw new RangeError('Invalid delay: NaN (not a number)')
  const loop = getRunningLoop()
  if (options.signal?.aborted) return Promise.reject(abortError(options.signal))
  return delay <= 0 ? yieldOnce(loop, result) : wait(loop, delay, result, options)
}

async function wait<T>(loop: EventLoop, delay: number, result: T, options: Abortable): Promise<T> {
  const future = loop.createFuture<T>()
  const timer = loop.callLater(delay, () => {
    if (!future.done()) future.setResult(result)
  })
  try {
    return await abortable(future, options.signal)
  } finally {
    timer.cancel()
  }
}

function yieldOnce<T>(loop: EventLoop, result: T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const task = scopes.getStore()?.task ?? null
    loop._enqueue(new Turn(loop, task, resolve as (value: unknown) => void, result, reject))
  })
}
