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

/** No async function, which would cost two promises more. */
function wait<T>(loop: EventLoop, delay: number, result: T, options: Abortable): Promise<T> {
  const future = loop.createFuture<T>()
  const timer = loop.callLater(delay, () => {
    if (!future.done()) future.setResult(result)
  })
  return abortable(future, options.signal).then(null, (error: unknown) => {
    timer.cancel()
    throw error
  })
}

function yieldOnce<T>(loop: EventLoop, result: T): Promise<T> {
  let turn!: Turn
  const promise = new Promise<T>((resolve, reject) => {
    turn = new Turn(loop, scopes.getStore()?.task ?? null, resolve as (value: unknown) => void, result, reject)
  })
  turn._promise = promise
  loop._enqueue(turn)
  return promise
}
