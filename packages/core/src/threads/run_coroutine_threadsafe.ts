import { inspect } from 'node:util'
import { MessagePort } from 'node:worker_threads'
import type { Job } from '../executors/executor.js'
import { jobFunction, packJob } from '../executors/packed_job.js'
import { EventLoop } from '../loop/event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Coroutine, Task } from '../tasks/task.js'
import { RemoteLoop } from './remote_loop.js'
import { ThreadFuture } from './thread_future.js'
import type { ThreadHandle } from './thread_handle.js'

/**
 * Has a loop run a coroutine, from any code: of the host, of another loop, of another thread.
 * @param coro an async function; for a loop of another thread a self-contained one, or a job, which has arguments too:
 *   `{ module, name, args }` or `{ fn, args }`
 * @param loop a loop of this thread, a `RemoteLoop`, or a handle that it was made from
 * @param options `signal`: cancels it
 * @returns a promise of the outcome. Its `cancel()` cancels the task in the loop; if the task is cancelled there, it is
 *   cancelled here
 * @throws TypeError for anything else, or what cannot cross; LoopError `ERR_LOOP_CLOSED`
 *
 * asyncio: `run_coroutine_threadsafe`.
 */
export function runCoroutineThreadsafe<T>(
  coro: Coroutine<T> | Job,
  loop: EventLoop | RemoteLoop | ThreadHandle,
  options: Abortable = {},
): ThreadFuture<T> {
  const job = typeof coro === 'function' ? { fn: coro, args: [] } : coro
  const future = loop instanceof EventLoop ? runHere<T>(coro, loop) : remote(loop)._run<T>(job)
  return abortable(future, options.signal)
}

function remote(loop: unknown): RemoteLoop {
  if (loop instanceof RemoteLoop) return loop
  if (loop instanceof MessagePort) return RemoteLoop._of(loop)
  throw new TypeError(
    `A loop of this thread, a RemoteLoop or a handle from loop.threadHandle() was expected, not ${inspect(loop, { depth: 0 })}: ` +
      'a loop itself cannot get into another thread',
  )
}

function runHere<T>(coro: Coroutine<T> | Job, loop: EventLoop): ThreadFuture<T> {
  const coroutine = typeof coro === 'function' ? coro : coroutineOf<T>(coro)
  let task: Task<T> | null = null
  const future = new ThreadFuture<T>((message) => {
    if (!loop.isClosed()) loop.callSoonThreadsafe(() => void task?.cancel(message))
  })
  loop.callSoonThreadsafe(() => {
    if (future.done()) return
    task = loop.createTask(coroutine)
    task.addDoneCallback((done) => {
      if (future.done()) return void (done.cancelled() || done.exception())
      if (done.cancelled()) future._endCancelled(messageOf(done))
      else if (done.exception() !== null) future._setException(done.exception())
      else future._setResult(done.result())
    })
  })
  return future
}

function coroutineOf<T>(job: Job): Coroutine<T> {
  const packed = packJob(job)
  return async () => (await jobFunction(packed))(...packed.args) as T
}

function messageOf(cancelled: Task<unknown>): string | undefined {
  try {
    cancelled.result()
  } catch (error) {
    return (error as Error).message || undefined
  }
  return undefined
}

function abortable<T>(future: ThreadFuture<T>, signal: AbortSignal | undefined): ThreadFuture<T> {
  if (signal === undefined) return future
  const abort = () => future.cancel(signal.reason instanceof Error ? signal.reason.message : String(signal.reason))
  if (signal.aborted) abort()
  else {
    signal.addEventListener('abort', abort, { once: true })
    const over = () => signal.removeEventListener('abort', abort)
    future.then(over, over)
  }
  return future
}
