import { CancelledError } from '../errors/index.js'
import type { Future } from '../futures/future.js'

/** The last argument of every call that waits. */
export interface Abortable {
  /** Ends the wait with `CancelledError` (its `cause` the signal's reason) when it aborts. */
  signal?: AbortSignal | undefined
}

/** The error of a wait that `signal` ended. */
export function abortError(signal: AbortSignal): CancelledError {
  return new CancelledError('The operation was aborted', { cause: signal.reason })
}

/** Ends `future` when `signal` aborts. */
export function abortable<F extends Future<unknown>>(future: F, signal: AbortSignal | undefined): F {
  if (signal !== undefined) onAbort(future, signal, () => future.setException(abortError(signal)))
  return future
}

/** Calls `abort` when `signal` aborts, or has, while `future` is not done; takes its listener away when it is. */
export function onAbort(future: Future<unknown>, signal: AbortSignal, abort: (signal: AbortSignal) => void): void {
  if (future.done()) return
  const listener = () => {
    if (!future.done()) abort(signal)
  }
  if (signal.aborted) return listener()
  signal.addEventListener('abort', listener, { once: true })
  future.addDoneCallback(() => signal.removeEventListener('abort', listener))
}
