import { inspect } from 'node:util'
import type { Abortable } from '../tasks/abortable.js'

/** A function that an executor finds by its module and name, so that nothing of it has to cross. */
export interface ModuleJob {
  /**
   * A `URL` (`new URL('./work.js', import.meta.url)`), an absolute path, or the name of a package or of a module of the
   * host (`node:zlib`).
   */
  module: string | URL
  /** Which export; `'default'` for the default one. */
  name: string
  /** What the function is called with; copied as `postMessage` copies. */
  args: unknown[]
  /** What is handed over instead of copied: `ArrayBuffer`, `MessagePort` and the like, as for `postMessage`. */
  transfer?: readonly object[] | undefined
}

/** A self-contained function: it crosses as its source, so variables around it stay behind. */
export interface FunctionJob {
  /** The function. */
  // biome-ignore lint/complexity/noBannedTypes: any function will do; whether it can cross is found out from its source
  fn: Function
  /** What it is called with; copied as `postMessage` copies. */
  args: unknown[]
  /** What is handed over instead of copied. */
  transfer?: readonly object[] | undefined
}

/** What an executor runs. */
export type Job = ModuleJob | FunctionJob

/** How an executor ends. */
export interface ShutdownOptions {
  /** Resolve when every job is done and what ran them is gone; true. */
  wait?: boolean | undefined
  /** Cancel what is not done yet; false. */
  cancelFutures?: boolean | undefined
}

/**
 * Where jobs run off the loop's thread. `ThreadPoolExecutor` is the one here; whoever has a queue of jobs on other
 * machines implements these two methods. asyncio: `concurrent.futures.Executor`.
 */
export interface Executor {
  /**
   * Has `job` run as soon as there is room.
   * @param options `signal`: cancels it
   * @returns what the function returns, or what its promise resolves to
   * @throws TypeError at the call for a job that cannot cross; LoopError `ERR_EXECUTOR_SHUTDOWN` after `shutdown`
   */
  submit<T>(job: Job, options?: Abortable): Promise<T>
  /** Takes no more jobs, and ends. */
  shutdown(options?: ShutdownOptions): Promise<void>
}

/** Throws TypeError for what is none. */
export function mustBeExecutor(executor: unknown): asserts executor is Executor {
  const candidate = executor as Partial<Executor> | null | undefined
  if (typeof candidate?.submit === 'function' && typeof candidate.shutdown === 'function') return
  throw new TypeError(
    `An executor must have submit() and shutdown(), as ThreadPoolExecutor has; got ${inspect(executor)}`,
  )
}
