/** The barrier was reset or aborted while a task waited at it, or is broken. asyncio: `BrokenBarrierError`. */
export class BrokenBarrierError extends Error {
  override readonly name = 'BrokenBarrierError'
  /** Stable, for programs. */
  readonly code = 'ERR_BROKEN_BARRIER'
}
