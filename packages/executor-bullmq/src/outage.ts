/** Says once that Redis cannot be reached, and again only after it could; the connection is tried on all the while. */
export class Outage {
  readonly #who: string
  #lasts = false

  constructor(who: string) {
    this.#who = who
  }

  /** Whether it cannot be reached now. */
  get lasts(): boolean {
    return this.#lasts
  }

  readonly failed = (error: Error): void => {
    if (this.#lasts) return
    this.#lasts = true
    process.emitWarning(`${this.#who}: ${error.message || (error as { code?: string }).code || error}`, {
      type: 'LoopWarning',
      code: 'LOOP_REDIS',
    })
  }

  readonly over = (): void => {
    this.#lasts = false
  }
}
