/** The stream ended before everything that was asked for had arrived. asyncio: `IncompleteReadError`. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError'
  /** Stable, for programs. */
  readonly code = 'ERR_INCOMPLETE_READ'
  /** What did arrive. */
  readonly partial: Buffer
  /** How many bytes were asked for; `null` where that is not known (`readuntil`). */
  readonly expected: number | null
  constructor(partial: Buffer, expected: number | null) {
    super(`${partial.length} bytes read on a total of ${expected ?? 'undefined'} expected bytes`)
    this.partial = partial
    this.expected = expected
  }
}

/** The reader's limit was reached while looking for a separator; nothing was consumed. asyncio: `LimitOverrunError`. */
export class LimitOverrunError extends Error {
  override readonly name = 'LimitOverrunError'
  /** Stable, for programs. */
  readonly code = 'ERR_LIMIT_OVERRUN'
  /** How many bytes at the buffer's start can be consumed without losing the separator. */
  readonly consumed: number
  constructor(message: string, consumed: number) {
    super(message)
    this.consumed = consumed
  }
}
