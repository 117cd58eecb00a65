/** Why a `LoopError` was thrown, for programs. */
export type LoopErrorCode =
  | 'ERR_LOOP_CLOSED'
  | 'ERR_LOOP_RUNNING'
  | 'ERR_LOOP_NOT_RUNNING'
  | 'ERR_LOOP_NOT_SET'
  | 'ERR_LOOP_STOPPED'
  | 'ERR_LOOP_FOREIGN'
  | 'ERR_LOOP_STATE'
  | 'ERR_LOOP_NO_BACKEND'
  | 'ERR_EXECUTOR_SHUTDOWN'
  | 'ERR_EXECUTOR_BROKEN'

/** A loop, task, executor or transport was used in a state that does not allow it. Stands for Python's `RuntimeError`. */
export class LoopError extends Error {
  override readonly name = 'LoopError'
  /** Stable, for programs; the message is for people. */
  readonly code: LoopErrorCode
  constructor(message: string, code: LoopErrorCode, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A future was not in the state that the operation needs, e.g. its result was asked for before it was set. asyncio: `InvalidStateError`. */
export class InvalidStateError extends Error {
  override readonly name = 'InvalidStateError'
  /** Stable, for programs. */
  readonly code = 'ERR_INVALID_STATE'
}

/** The process was asked to end by a signal while `run` ran; its clean-up is done. Stands for Python's `KeyboardInterrupt`. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  /** Stable, for programs. */
  readonly code = 'ERR_INTERRUPTED'
  /** Which signal it was. */
  readonly signal: NodeJS.Signals
  constructor(signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`)
    this.signal = signal
  }
}
