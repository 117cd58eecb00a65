import { inspect } from 'node:util'
import type { Abortable } from '../tasks/abortable.js'
import type { Job } from './executor.js'

/** A function of a module, and how to run it there: what `runInExecutor` takes in the place of a function. */
export interface ModuleFunction extends Abortable {
  /** As that of `ModuleJob`. */
  module: string | URL
  /** Which export. */
  name: string
  /** What is handed over instead of copied. */
  transfer?: readonly object[] | undefined
}

/** A self-contained function with something to hand over, or with a signal. */
export interface SelfContained<A extends unknown[] = any[], T = any> extends Abortable {
  /** The function. */
  fn: (...args: A) => T
  /** What is handed over instead of copied. */
  transfer?: readonly object[] | undefined
}

/** What can be called in another thread: a self-contained function, or one that a module exports. */
export type JobFunction = ((...args: any[]) => any) | SelfContained | ModuleFunction

/** The job that calls `fn` with `args`. */
export function jobOf(fn: JobFunction, args: unknown[]): Job {
  if (typeof fn === 'function') return { fn, args }
  if (typeof fn === 'object' && fn !== null) {
    const { transfer } = fn
    if ('fn' in fn) return { fn: fn.fn, args, transfer }
    if ('module' in fn) return { module: fn.module, name: fn.name, args, transfer }
  }
  throw new TypeError(
    `A function was expected, or { module, name } of one that a module exports, not ${inspect(fn, { depth: 0 })}`,
  )
}

/** The signal that came with it. */
export function signalOf(fn: JobFunction): AbortSignal | undefined {
  return typeof fn === 'function' ? undefined : fn.signal
}
