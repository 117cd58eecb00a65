import { inspect } from 'node:util'
import { type Context, copyContext } from '../context/context.js'
import { CancelledError, LoopError, NotImplementedError } from '../errors/index.js'
import { isFuture } from '../futures/future.js'
import { getEventLoopPolicy } from '../loop/current_policy.js'
import { type Awaitable, EventLoop } from '../loop/event_loop.js'
import { setEventLoop } from '../loop/policy.js'
import { executingLoop } from '../loop/running.js'
import type { Abortable } from '../tasks/abortable.js'
import { allTasks } from '../tasks/current_task.js'
import { gather } from '../tasks/gather.js'
import type { Coroutine } from '../tasks/task.js'
import { Timeout } from '../tasks/timeout.js'
import { interruptedError, onInterrupt } from './interrupt.js'

/** How long the threads of the default executor may take to end, in milliseconds. */
const executorTimeout = 300_000

/** Of `run` and `Runner`. */
export interface RunnerOptions {
  /** Debug mode on or off; left out: as the environment says (`LOOP_DEBUG`). */
  debug?: boolean | undefined
  /** Makes the loop; without it the policy does, and the loop is set for `getEventLoop`. */
  loopFactory?: (() => EventLoop) | undefined
}

/**
 * A loop and a context for several calls of `run`, cleaned up by `close` or `await using`. Both are made when first
 * needed.
 *
 * ```ts
 * import { Runner, sleep } from '@loop/core'
 *
 * await using runner = new Runner()
 * for (const word of ['once', 'twice']) console.log(await runner.run(() => sleep(1, word)))
 * ```
 * prints
 * ```text
 * once
 * twice
 * ```
 *
 * asyncio: `Runner`.
 */
export class Runner {
  readonly #options: RunnerOptions
  #state: 'created' | 'initialized' | 'closed' = 'created'
  #loop: EventLoop | null = null
  #context: Context | null = null
  #closing: Promise<void> | null = null

  constructor(options: RunnerOptions = {}) {
    if (options.loopFactory !== undefined && typeof options.loopFactory !== 'function') {
      throw new TypeError(`loopFactory must be a function, not ${inspect(options.loopFactory)}`)
    }
    this.#options = options
  }

  /** The loop. Throws LoopError `ERR_LOOP_CLOSED` once the runner is closed. */
  getLoop(): EventLoop {
    return this.#initialized().loop
  }

  /**
   * Runs `main` as the main task, in the runner's loop and context.
   * @param options `context`: another one for this call; `signal`: cancels the main task when it aborts
   * @returns what `main` gives
   * @throws TypeError if `main` cannot be awaited; LoopError from inside a running loop or once closed; InterruptedError
   *   after Ctrl-C, when the main task has been cancelled and its clean-up is done
   *
   * Ctrl-C is dealt with in the main thread only, and only if the program has no `SIGINT` listener of its own and as long
   * as no loop has a handler for it (`addSignalHandler`). A second one ends the process at once; so does an InterruptedError that nobody catches, as the signal would have.
   */
  run<T>(main: Awaitable<T>, options: Abortable & { context?: Context | undefined } = {}): Promise<T> {
    const coroutine = coroutineOf(main)
    if (options.signal === undefined) return this.#run(coroutine, options.context)
    return this.#run(() => new Timeout(null).run(coroutine, options), options.context)
  }

  /**
   * Cancels the tasks that are left, waits for them, and closes the loop. Their errors go to the exception handler.
   * Closing twice is fine.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = null
    })
    return this.#closing
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run<T>(main: Coroutine<T>, context: Context | undefined): Promise<T> {
    mustNotBeInsideLoop()
    const { loop, context: own } = this.#initialized()
    if (loop.isRunning()) throw new LoopError('The runner is already running', 'ERR_LOOP_RUNNING')
    const task = loop.createTask(main, { context: context ?? own })
    let interrupted = false
    const uninstall = onInterrupt(() => {
      interrupted = task.cancel()
      return interrupted
    })
    try {
      return await loop.runUntilComplete(task)
    } catch (error) {
      // Somebody else asked the task to end as well: then it is their cancellation.
      if (interrupted && error instanceof CancelledError && task.uncancel() === 0) throw interruptedError()
      throw error
    } finally {
      uninstall()
    }
  }

  async #close(): Promise<void> {
    if (this.#state !== 'initialized') return
    mustNotBeInsideLoop()
    const loop = this.#loop!
    if (loop.isRunning()) throw new LoopError('Cannot close a runner that is running', 'ERR_LOOP_RUNNING')
    this.#state = 'closed'
    try {
      await cancelAllTasks(loop)
      await loop.runUntilComplete(async () => {
        await whereImplemented(() => loop.shutdownAsyncgens())
        await whereImplemented(() => loop.shutdownDefaultExecutor(executorTimeout))
      })
    } finally {
      if (this.#options.loopFactory === undefined) setEventLoop(null)
      loop.close()
      this.#loop = null
    }
  }

  #initialized(): { loop: EventLoop; context: Context } {
    if (this.#state === 'closed') throw new LoopError('Runner is closed', 'ERR_LOOP_CLOSED')
    if (this.#state === 'created') {
      const { loopFactory, debug } = this.#options
      const loop = loopFactory === undefined ? getEventLoopPolicy().newEventLoop() : loopFactory()
      if (!(loop instanceof EventLoop)) throw new TypeError(`loopFactory must give an EventLoop, not ${inspect(loop)}`)
      this.#loop = loop
      if (loopFactory === undefined) setEventLoop(loop)
      if (debug !== undefined) this.#loop.setDebug(debug)
      this.#context = copyContext()
      this.#state = 'initialized'
    }
    return { loop: this.#loop!, context: this.#context! }
  }
}

/** A main that is no function yet must be awaited inside, where its loop runs. */
function coroutineOf<T>(main: Awaitable<T>): Coroutine<T> {
  if (typeof main === 'function') return main
  const awaitable = isFuture(main) || typeof (main as PromiseLike<T> | null | undefined)?.then === 'function'
  if (!awaitable) throw new TypeError(`main must be an async function or something to await, not ${inspect(main)}`)
  return async () => await main
}

function mustNotBeInsideLoop(): void {
  if (executingLoop() === null) return
  throw new LoopError(
    'A runner cannot be used from inside a running loop: await the work, or create a task',
    'ERR_LOOP_RUNNING',
  )
}

async function cancelAllTasks(loop: EventLoop): Promise<void> {
  const tasks = [...allTasks(loop)]
  if (tasks.length === 0) return
  for (const task of tasks) task.cancel()
  await loop.runUntilComplete(gather(tasks, { returnExceptions: true }))
  for (const task of tasks) {
    if (task.cancelled()) continue
    const exception = task.exception()
    if (exception === null) continue
    loop.callExceptionHandler({ message: 'unhandled exception during run() shutdown', exception, task })
  }
}

/** A loop that has no executor, or nothing to do for generators, has nothing to shut down. */
async function whereImplemented(shutDown: () => Promise<void>): Promise<void> {
  try {
    await shutDown()
  } catch (error) {
    if (!(error instanceof NotImplementedError)) throw error
  }
}
