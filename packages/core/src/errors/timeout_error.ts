/** A deadline passed before the work was done. asyncio: `TimeoutError`. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'
}
