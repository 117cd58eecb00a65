/** What this platform, backend or class cannot do. `hint` says what to use instead. Stands for Python's `NotImplementedError`. */
export class NotImplementedError extends Error {
  override readonly name = 'NotImplementedError'
  /** Stable, for programs. */
  readonly code = 'ERR_NOT_IMPLEMENTED'
  /** What was asked for, as in `loop.supports(feature)`. */
  readonly feature: string
  /** Who cannot do it: a backend's name, or the class that was not overridden. */
  readonly backend: string
  /** What to use instead. */
  readonly hint: string
  constructor(feature: string, backend: string, hint: string) {
    super(`${feature} is not available on ${backend}: ${hint}`)
    this.feature = feature
    this.backend = backend
    this.hint = hint
  }
}

/** `sendfile(2)` cannot serve this pair of file and transport, and a fallback was not allowed. asyncio: `SendfileNotAvailableError`. */
export class SendfileNotAvailableError extends Error {
  override readonly name = 'SendfileNotAvailableError'
  /** Stable, for programs. */
  readonly code = 'ERR_SENDFILE_NOT_AVAILABLE'
}
