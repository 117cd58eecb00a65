import { CancelledError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import { follow, LinkedFuture } from '../futures/linked_future.js'
import type { EventLoop } from '../loop/event_loop.js'
import { abortError } from '../tasks/abortable.js'
import { mustNotBelongHere } from './crossing_arguments.js'
import type { Executor } from './executor.js'
import { type JobFunction, jobOf, signalOf } from './job_function.js'

/** Has `executor` run `fn` with `args`; what it gives becomes a future of `loop`, and cancelling that cancels the job. */
export function runInExecutor<T>(loop: EventLoop, executor: Executor, fn: JobFunction, args: unknown[]): Future<T> {
  const job = jobOf(fn, args)
  // Debug mode looks into the arguments: a copy of a loop or a future is good for nothing on the other side.
  if (loop.getDebug()) mustNotBelongHere(args, true)
  const controller = new AbortController()
  const future = new LinkedFuture<T>({ loop }, (message) => controller.abort(new CancelledError(message)))
  const signal = signalOf(fn)
  const abort = () => {
    if (future.done()) return
    future.setException(abortError(signal!))
    controller.abort(signal!.reason)
  }
  if (signal?.aborted) {
    abort()
    return future
  }
  // An executor of a program's own may give any promise.
  const result = Promise.resolve(executor.submit<T>(job, { signal: controller.signal }))
  follow(result, future)
  if (signal !== undefined) {
    const over = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort, { once: true })
    result.then(over, over)
  }
  return future
}
