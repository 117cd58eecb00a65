import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import { type Executor, mustBeExecutor } from './executor.js'
import { ThreadPoolExecutor } from './thread_pool_executor.js'

/** A loop's default executor: made when it is first needed, unless the program has set one. */
export class DefaultExecutor {
  readonly #loop: BaseEventLoop
  #executor: Executor | null = null
  #shutdown = false

  constructor(loop: BaseEventLoop) {
    this.#loop = loop
  }

  /** `executor`, or the default one if that is null. */
  unless(executor: Executor | null): Executor {
    if (executor !== null) {
      mustBeExecutor(executor)
      return executor
    }
    if (this.#shutdown)
      throw new LoopError('Executor shutdown has been called: the loop takes no more jobs', 'ERR_EXECUTOR_SHUTDOWN')
    this.#executor ??= new ThreadPoolExecutor({ threadNamePrefix: 'asyncio' })
    return this.#executor
  }

  set(executor: Executor): void {
    mustBeExecutor(executor)
    this.#executor = executor
  }

  /** @param timeout milliseconds after which it is not waited for any longer, with a warning */
  shutdown(timeout: number | null): Promise<void> {
    if (timeout !== null && typeof timeout !== 'number')
      throw new TypeError(`timeout must be a number of milliseconds or null, not ${inspect(timeout)}`)
    if (Number.isNaN(timeout)) throw new RangeError('Invalid timeout: NaN (not a number)')
    this.#shutdown = true
    return this.#executor === null ? Promise.resolve() : this.#join(this.#executor, timeout)
  }

  async #join(executor: Executor, timeout: number | null): Promise<void> {
    const joined = wrapFuture(Promise.resolve(executor.shutdown({ wait: true })), { loop: this.#loop })
    if (timeout === null) return await joined
    if (await this.#within(joined, timeout)) return joined.result()
    process.emitWarning(`The executor did not finish joining its threads within ${timeout} ms`, {
      type: 'RuntimeWarning',
      code: 'LOOP_EXECUTOR_TIMEOUT',
    })
    this.close()
  }

  async #within(future: Future<void>, timeout: number): Promise<boolean> {
    const over = this.#loop.createFuture<void>()
    const end = () => {
      if (!over.done()) over.setResult()
    }
    const timer = this.#loop.callLater(timeout, end)
    future.addDoneCallback(end)
    try {
      await over
    } finally {
      timer.cancel()
      future.removeDoneCallback(end)
    }
    return future.done()
  }

  /** Ends what runs, and waits for nothing. */
  close(): void {
    this.#shutdown = true
    const report = (exception: unknown) =>
      this.#loop.callExceptionHandler({ message: 'Shutting down the executor failed', exception: exception as Error })
    const executor = this.#executor
    if (executor === null) return
    new Promise((resolve) => resolve(executor.shutdown({ wait: false, cancelFutures: true }))).catch(report)
  }
}
