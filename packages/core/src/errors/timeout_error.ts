/** A deadline passed before the work was done. asyncio: `TimeoutError`. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  /** As an operation of the system that timed out has it. */
  readonly code = 'ETIMEDOUT'
}
