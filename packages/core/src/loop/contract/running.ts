import type { Awaitable } from './awaitable.js'

/** Starting, stopping and closing a loop. */
export interface Running {
  /**
   * Runs until `stop()`. It never blocks the thread: the loop is a guest of the host's own, which goes on beside it.
   * @throws LoopError `ERR_LOOP_RUNNING` if it runs, or from inside a running loop; `ERR_LOOP_CLOSED` (rejections)
   *
   * asyncio: `run_forever`.
   */
  runForever(): Promise<void>

  /**
   * Runs until `aw` is done.
   * @param aw a future of this loop, a promise, or an async function, which becomes a task
   * @returns its result; what it throws rejects
   * @throws LoopError as `runForever`, and `ERR_LOOP_STOPPED` if `stop()` ended the run before
   *
   * asyncio: `run_until_complete`.
   */
  runUntilComplete<T>(aw: Awaitable<T>): Promise<T>

  /** Ends the run once the handles that are ready now have had their turn. asyncio: `stop`. */
  stop(): void

  /** Whether it runs. asyncio: `is_running`. */
  isRunning(): boolean

  /** Whether it was closed. asyncio: `is_closed`. */
  isClosed(): boolean

  /**
   * Releases what the loop owns (transports, servers, its selector), at once and without callbacks. Closing twice is fine.
   * @throws LoopError `ERR_LOOP_RUNNING` while it runs
   *
   * asyncio: `close`.
   */
  close(): void

  /**
   * There for parity: JavaScript tells a program nothing of its async generators, so there is nothing to shut down.
   * asyncio: `shutdown_asyncgens`.
   */
  shutdownAsyncgens(): Promise<void>
}
