import {
  BrokenBarrierError,
  CancelledError,
  type Future,
  InvalidStateError,
  LoopError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from '@loop/core'
import type { Value } from './ast.js'

/** How values, errors and times are written in a trace; python/show.py writes the same text. */

/** The error that programs raise themselves. */
export class Boom extends Error {}

export function showError(error: unknown): string {
  if (error instanceof Boom) return `Boom(${error.message})`
  if (error instanceof CancelledError) return `Cancelled(${error.message})`
  // An English sentence of the library is not part of what is compared, only what kind of error it is.
  if (error instanceof TimeoutError) return 'Timeout'
  if (error instanceof InvalidStateError) return 'InvalidState'
  if (error instanceof AggregateError) return `Group[${error.errors.map(showError).join(', ')}]`
  if (error instanceof BrokenBarrierError) return 'BrokenBarrier'
  if (error instanceof QueueEmpty || error instanceof QueueFull || error instanceof QueueShutDown) return error.name
  if (error instanceof LoopError) return 'RuntimeError'
  if (error instanceof RangeError) return 'ValueError'
  return String(error)
}

export function show(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (value instanceof Error) return showError(value)
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  return String(value as Value)
}

/** A future's state in one word, and its outcome. */
export function showState(future: Future<unknown>): string {
  if (!future.done()) return 'pending'
  if (future.cancelled()) return 'cancelled'
  const error = future.exception()
  return error === null ? `result ${show(future.result())}` : `error ${showError(error)}`
}
