/**
 * How a loop rides on its host. A driver waits beside the host's own loop and calls `runSlice` when there is work;
 * the loop shares with it a small state (indices in contract.ts), so that scheduling inside a pass calls nobody.
 *
 * A *pass* polls once and runs the handles that were ready then. It is cut into *slices*: after each handle that
 * resumes awaiting code `runSlice` returns with STATE_MORE set, the driver lets the host drain its ticks and
 * microtasks, and enters again. That is what gives asyncio's order to code that awaits.
 */
export interface Driver {
  readonly name: 'uv' | 'thread' | 'virtual'
  /** Milliseconds, monotonic, fractional. */
  now(): number
  attach(client: DriverClient): void
  /** Begins to run; the first pass comes in the host's next turn. */
  start(): void
  /** The run has ended; the host may go. */
  stop(): void
  /** Work appeared while no pass was running. */
  wake(): void
  /** Frees what it holds. Idempotent. */
  close(): void
}

export interface DriverClient {
  readonly state: Int32Array
  readonly times: Float64Array
  /** Runs handles up to the end of a slice, or tells the loop that its run has ended (STATE_STOP at the start of a pass). */
  runSlice(): void
}

/** A pass is followed by another at once until this much time is gone, or this many passes; then the host has its turn. */
export const TURN_PASSES = 64
export const TURN_MILLISECONDS = 2
