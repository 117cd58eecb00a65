import { availableParallelism } from 'node:os'
import { inspect } from 'node:util'
import type { ResourceLimits } from 'node:worker_threads'
import type { Tinypool } from 'tinypool'
import { CancelledError, LoopError } from '../errors/index.js'
import { type Abortable, abortError } from '../tasks/abortable.js'
import type { Executor, Job, ShutdownOptions } from './executor.js'
import { packJob } from './packed_job.js'
import { type Outcome, Parcel, resultOf } from './parcel.js'

/** Of `ThreadPoolExecutor`. */
export interface ThreadPoolExecutorOptions {
  /** How many threads at most; the number of processors and 4 more, but no more than 32. */
  maxWorkers?: number | undefined
  /** The threads are called `PREFIX_0`, `PREFIX_1` and so on; `ThreadPoolExecutor-N`. */
  threadNamePrefix?: string | undefined
  /** Limits for each thread, as of `node:worker_threads`. A thread that passes one ends, and its job fails. */
  resourceLimits?: ResourceLimits | undefined
}

/** A thread without a job ends after this many milliseconds, and gives its memory back. */
const idleTimeout = 60_000
const threadFile = new URL('./thread_job.js', import.meta.url).href
let counter = 0

type PoolThread = Tinypool['threads'][number]

interface Pending {
  readonly parcel: Parcel
  readonly controller: AbortController
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  /** The thread that was made for it failed before it could begin. */
  failedToBegin: boolean
}

/**
 * Runs jobs on threads of its own, which are started as they are needed. Jobs begin in the order in which they were
 * submitted, each on a thread that has no other.
 *
 * A job that is cancelled while it runs is ended in the middle: its thread goes, and another takes its place. So a thread
 * stuck in JavaScript gives way; in a system call it does so when that returns.
 *
 * Jobs keep the process alive, idle threads do not. `await using`, or `shutdown()`, ends the threads.
 * asyncio: `concurrent.futures.ThreadPoolExecutor`.
 */
export class ThreadPoolExecutor implements Executor {
  readonly #maxWorkers: number
  readonly #prefix: string
  readonly #resourceLimits: ResourceLimits | undefined
  readonly #waiting = new Set<Pending>()
  readonly #running = new Set<Pending>()
  readonly #threads = new Set<PoolThread>()
  readonly #starting = new Set<PoolThread>()
  #pool: Tinypool | null = null
  #loading: Promise<void> | null = null
  #shutdown = false
  #ended: Promise<void> | null = null
  #changed: (() => void) | null = null
  /** Why a thread could not begin. */
  #failure: Error | null = null

  /** @throws RangeError if `maxWorkers` is no positive integer */
  constructor(options: ThreadPoolExecutorOptions = {}) {
    const { maxWorkers = Math.min(32, availableParallelism() + 4), threadNamePrefix, resourceLimits } = options
    if (!Number.isInteger(maxWorkers) || maxWorkers < 1)
      throw new RangeError(`maxWorkers must be a positive integer, not ${inspect(maxWorkers)}`)
    this.#maxWorkers = maxWorkers
    this.#prefix = threadNamePrefix ?? `ThreadPoolExecutor-${counter++}`
    this.#resourceLimits = resourceLimits
  }

  submit<T>(job: Job, options: Abortable = {}): Promise<T> {
    const packed = packJob(job)
    if (this.#shutdown)
      throw new LoopError('The executor takes no jobs any more: it was shut down', 'ERR_EXECUTOR_SHUTDOWN')
    const { signal } = options
    if (signal?.aborted) return Promise.reject(abortError(signal))
    const parcel = new Parcel(packed, job.transfer)
    return new Promise<T>((resolve, reject) => {
      const abort = () => this.#cancel(pending, abortError(signal!))
      const over = () => signal?.removeEventListener('abort', abort)
      const pending: Pending = {
        parcel,
        controller: new AbortController(),
        resolve: (value) => {
          over()
          resolve(value)
        },
        reject: (error) => {
          over()
          reject(error)
        },
        failedToBegin: false,
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(pending)
      this.#begin()
    })
  }

  /** `cancelFutures` ends the jobs that run, too. */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options
    this.#shutdown = true
    if (cancelFutures) {
      for (const pending of [...this.#waiting, ...this.#running])
        this.#cancel(pending, new CancelledError('The executor was shut down'))
    }
    this.#ended ??= this.#end()
    return wait ? this.#ended : Promise.resolve()
  }

  /** Shuts it down and waits. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** Gives waiting jobs to the pool, never more than it has threads: what waits there could be stuck behind a dead one. */
  #begin(): void {
    const pool = this.#pool
    if (pool === null) {
      this.#loading ??= this.#load().catch((error) => this.#cannotLoad(error))
      return
    }
    for (const pending of this.#waiting) {
      if (this.#running.size >= this.#maxWorkers) return
      this.#waiting.delete(pending)
      this.#running.add(pending)
      void this.#run(pool, pending)
    }
  }

  /** The pool is imported when it is first needed: most programs have no jobs. */
  async #load(): Promise<void> {
    const { Tinypool } = await import('tinypool')
    const pool = new Tinypool({
      filename: threadFile,
      minThreads: 0,
      maxThreads: this.#maxWorkers,
      idleTimeout,
      resourceLimits: this.#resourceLimits ?? {},
      workerData: { threadNamePrefix: this.#prefix },
      // A thread that waits for its next job by Atomics.wait would not go on with what the last one left behind.
      useAtomics: false,
      ...threadArguments(),
    })
    pool.on('error', (error: Error) => {
      process.emitWarning(`A thread of ${this.#prefix} failed outside of a job: ${error.stack ?? error}`, {
        type: 'LoopWarning',
        code: 'LOOP_THREAD_FAILED',
      })
      this.#failure = error
      // A job that was to begin on it would wait for ever.
      pool.cancelPendingTasks()
    })
    this.#pool = pool
    this.#begin()
  }

  async #run(pool: Tinypool, pending: Pending): Promise<void> {
    const { parcel, controller } = pending
    try {
      const done = pool.run({ port: parcel.port }, { transferList: [parcel.port], signal: controller.signal })
      this.#watchThreads(pool)
      await done
    } catch (cause) {
      const notBegun = (cause as Error).name === 'CancelError'
      if (notBegun && !pending.failedToBegin && !controller.signal.aborted) return this.#beginAgain(pending)
      // Of a job that was cancelled nobody hears this: it has been rejected before.
      pending.reject(broken(notBegun ? this.#failure! : (cause as Error)))
    }
    const outcome = parcel.outcome()
    if (outcome !== undefined) settle(pending, outcome)
    this.#running.delete(pending)
    parcel.close()
    this.#begin()
    this.#changed?.()
  }

  #beginAgain(pending: Pending): void {
    pending.failedToBegin = true
    this.#running.delete(pending)
    this.#waiting.add(pending)
    this.#begin()
  }

  #cannotLoad(cause: Error): void {
    this.#loading = null
    for (const pending of this.#waiting) {
      this.#waiting.delete(pending)
      pending.parcel.close()
      pending.reject(broken(cause))
    }
    this.#changed?.()
  }

  /** The pool does not notice that a thread ended by `process.exit()`; it does when the thread says it has failed. */
  #watchThreads(pool: Tinypool): void {
    for (const thread of pool.threads) {
      if (this.#threads.has(thread)) continue
      this.#threads.add(thread)
      this.#starting.add(thread)
      // The one message that it sends itself: it is ready.
      thread.once('message', () => this.#started(thread))
      thread.once('exit', (code: number) => {
        this.#threads.delete(thread)
        this.#started(thread)
        if (pool.threads.includes(thread)) thread.emit('error', new Error(`The thread ended with exit code ${code}`))
        this.#changed?.()
      })
    }
  }

  #started(thread: PoolThread): void {
    this.#starting.delete(thread)
    this.#changed?.()
  }

  #cancel(pending: Pending, error: Error): void {
    pending.reject(error)
    if (this.#waiting.delete(pending)) pending.parcel.close()
    else pending.controller.abort()
    this.#changed?.()
  }

  /** When all jobs are done and all threads are gone. */
  async #end(): Promise<void> {
    await this.#until(() => this.#waiting.size + this.#running.size === 0)
    await this.#loading
    // Node leaves the files open that a thread is loading when it is ended.
    await this.#until(() => this.#starting.size === 0)
    await this.#pool?.destroy()
    await this.#until(() => this.#threads.size === 0)
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }
}

function broken(cause: Error): LoopError {
  return new LoopError(`The thread that had the job failed: ${cause.message}`, 'ERR_EXECUTOR_BROKEN', { cause })
}

/** A thread inherits the arguments of the process, but for one that is about a program given with them. */
function threadArguments(): { execArgv?: string[] } {
  return process.execArgv.some((argument) => argument.startsWith('--input-type')) ? { execArgv: [] } : {}
}

function settle(pending: Pending, outcome: Outcome): void {
  try {
    pending.resolve(resultOf(outcome) as never)
  } catch (error) {
    pending.reject(error)
  }
}
