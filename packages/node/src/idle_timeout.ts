import { codedRangeError, codedTypeError } from './coded_error.js'

/** The longest that a timer of the host's can wait; 0 is none. */
const longest = 2 ** 31 - 1

/** Tells when a connection has been idle for some time. It keeps no process alive, as those of `net.Socket` do not. */
export class IdleTimeout {
  readonly #idle: () => void
  /** What has left so far: a write that gets on, however slowly, is no idleness. */
  readonly #progress: () => number
  #milliseconds = 0
  #timer: NodeJS.Timeout | null = null
  #seen = 0

  constructor(idle: () => void, progress: () => number) {
    this.#idle = idle
    this.#progress = progress
  }

  /**
   * Begins anew; 0 ends it.
   * @throws TypeError, RangeError
   */
  set(milliseconds: number): void {
    if (typeof milliseconds !== 'number') {
      throw codedTypeError('ERR_INVALID_ARG_TYPE', `The timeout must be milliseconds, not ${typeof milliseconds}`)
    }
    if (!(milliseconds >= 0 && Number.isFinite(milliseconds))) {
      throw codedRangeError('ERR_OUT_OF_RANGE', `The timeout must be finite and not below 0, not ${milliseconds}`)
    }
    this.clear()
    this.#milliseconds = Math.min(milliseconds, longest)
    if (milliseconds > 0) this.#start()
  }

  /** Something was received or sent. */
  refresh(): void {
    this.#timer?.refresh()
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #start(): void {
    this.#seen = this.#progress()
    this.#timer = setTimeout(() => this.#fired(), this.#milliseconds).unref()
  }

  #fired(): void {
    const now = this.#progress()
    if (now !== this.#seen) {
      this.#seen = now
      this.#timer?.refresh()
      return
    }
    this.#timer = null
    this.#idle()
  }
}
