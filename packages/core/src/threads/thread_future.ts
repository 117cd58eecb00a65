import { CancelledError } from '../errors/index.js'

/**
 * The outcome of work that was given to a loop, wherever the code that waits for it runs: a promise that can be cancelled.
 * `wrapFuture` makes a future of the own loop of it. asyncio: `concurrent.futures.Future`.
 */
export class ThreadFuture<T> extends Promise<T> {
  /** What `then` gives is a promise like any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly #resolve: (value: T) => void
  readonly #reject: (reason: unknown) => void
  readonly #passOn: (message: string | undefined) => void
  #done = false
  #cancelled = false

  /**
   * @internal use `runCoroutineThreadsafe`
   * @param passOn asks the work to end
   */
  constructor(passOn: (message: string | undefined) => void) {
    let resolveThis!: (value: T) => void
    let rejectThis!: (reason: unknown) => void
    super((resolve, reject) => {
      resolveThis = resolve
      rejectThis = reject
    })
    this.#resolve = resolveThis
    this.#reject = rejectThis
    this.#passOn = passOn
  }

  /** Whether it has a result, an error, or was cancelled. */
  done(): boolean {
    return this.#done
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#cancelled
  }

  /**
   * Ends the wait with `CancelledError`, and asks the work to end.
   * @returns false if it was done already
   */
  cancel(message?: string): boolean {
    if (this.#done) return false
    this._endCancelled(message)
    this.#passOn(message)
    return true
  }

  /** @internal */
  _setResult(value: T): void {
    this.#done = true
    this.#resolve(value)
  }

  /** @internal */
  _setException(error: unknown): void {
    this.#done = true
    this.#reject(error)
  }

  /** @internal the work was cancelled where it runs */
  _endCancelled(message: string | undefined): void {
    this.#cancelled = true
    // Nobody needs to wait for what was cancelled.
    this.catch(() => {})
    this._setException(new CancelledError(message))
  }
}
