/**
 * A task or future was cancelled. Counts as an abort for code that knows `AbortSignal` (`code` is `'ABORT_ERR'`).
 * asyncio: `CancelledError`.
 */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
  /** What Node's own aborts carry. */
  readonly code = 'ABORT_ERR'
  /** `message`: what was given to `cancel()`; empty if nothing was. */
  constructor(message?: string, options?: ErrorOptions) {
    super(message ?? '', options)
  }
}
