/** What `acquire` gives: its end, by `using` or by hand, is one `release`, however often it is disposed of. */
export class Hold implements Disposable {
  #held: { release(): void } | null

  constructor(held: { release(): void }) {
    this.#held = held
  }

  [Symbol.dispose](): void {
    const held = this.#held
    this.#held = null
    held?.release()
  }
}
