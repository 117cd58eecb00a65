import type { Executor } from '../../executors/executor.js'
import type { ModuleFunction, SelfContained } from '../../executors/job_function.js'
import type { Future } from '../../futures/future.js'
import type { ThreadHandle } from '../../threads/thread_handle.js'

/** Work off the loop's thread, and work from other threads. */
export interface Threads {
  /**
   * Has an executor run `fn` with `args`, off the loop's thread.
   * @param executor `null` for the default one: threads called `asyncio_N`, started when first needed
   * @param fn a self-contained function, or `{ module, name }` of an exported one; see `toThread`
   * @returns a future of the result; cancelling it cancels the job
   * @throws TypeError at the call if the function or an argument cannot cross; LoopError `ERR_LOOP_CLOSED`,
   *   `ERR_EXECUTOR_SHUTDOWN`
   *
   * asyncio: `run_in_executor`.
   */
  runInExecutor<A extends unknown[], T>(
    executor: Executor | null,
    fn: ((...args: A) => T) | SelfContained<A, T>,
    ...args: A
  ): Future<Awaited<T>>
  /** The same, where the types of the arguments are not known. */
  runInExecutor<T>(
    executor: Executor | null,
    fn: ((...args: any[]) => T | PromiseLike<T>) | ModuleFunction,
    ...args: unknown[]
  ): Future<T>

  /**
   * What `runInExecutor(null, ...)` and `toThread` use from now on. The loop shuts it down when it closes.
   * @throws TypeError for what is no executor
   *
   * asyncio: `set_default_executor`.
   */
  setDefaultExecutor(executor: Executor): void

  /**
   * Takes no more jobs for the default executor and waits until its threads are gone.
   * @param timeout milliseconds after which it warns, ends what still runs and waits no longer; `null` for no limit
   *
   * asyncio: `shutdown_default_executor`.
   */
  shutdownDefaultExecutor(timeout?: number | null): Promise<void>

  /**
   * A way into this loop for one other thread, to be transferred to it: `new RemoteLoop(handle)` there posts work here.
   * It keeps nothing alive.
   * @throws LoopError `ERR_LOOP_CLOSED`
   */
  threadHandle(): ThreadHandle
}
