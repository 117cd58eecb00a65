/** Says once that Redis cannot be reached, and again only after it could; the connection is tried on all the while. */
export class Outage {
  readonly #who: string
  #said = false

  constructor(who: string) {
    this.#who = who
  }

  readonly failed = (error: Error): void => {
    if (this.#said) return
    this.#said = true
    process.emitWarning(`${this.#who}: ${error.message || (error as { code?: string }).code || error}`, {
      type: 'LoopWarning',
      code: 'LOOP_REDIS',
    })
  }

  readonly over = (): void => {
    this.#said = false
  }
}
