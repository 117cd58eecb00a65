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

/** Ends `future` when `signal` aborts; takes its listener away when the future is done. */
export function abortable<F extends Future<unknown>>(future: F, signal: AbortSignal | undefined): F {
  if (signal === undefined || future.done()) return future
  const abort = () => {
    if (!future.done()) future.setException(abortError(signal))
  }
  if (signal.aborted) {
    abort()
    return future
  }
  signal.addEventListener('abort', abort, { once: true })
  future.addDoneCallback(() => signal.removeEventListener('abort', abort))
  return future
}
