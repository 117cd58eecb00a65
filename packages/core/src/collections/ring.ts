const least = 64
/** Up to here the memory is kept, so that a queue that fills and empties all the time does not allocate each time. */
const kept = 1024

/** First in, first out: an array used in the round, which doubles when it is full and halves when it is nearly empty. */
export class Ring<T> {
  #places: (T | undefined)[] = new Array(least).fill(undefined)
  #mask = least - 1
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The one that is `index` places behind the first; there must be one. */
  at(index: number): T {
    return this.#places[(this.#head + index) & this.#mask] as T
  }

  push(element: T): void {
    if (this.#length > this.#mask) this.#resize((this.#mask + 1) * 2)
    this.#places[(this.#head + this.#length++) & this.#mask] = element
  }

  /** The ring must not be empty. */
  shift(): T {
    const element = this.#places[this.#head] as T
    this.#places[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.#length--
    if (this.#mask >= kept && this.#length < this.#mask >> 3) this.#resize((this.#mask + 1) / 2)
    return element
  }

  clear(): void {
    this.#places = new Array(least).fill(undefined)
    this.#mask = least - 1
    this.#head = 0
    this.#length = 0
  }

  #resize(capacity: number): void {
    const places = new Array<T | undefined>(capacity).fill(undefined)
    for (let i = 0; i < this.#length; i++) places[i] = this.#places[(this.#head + i) & this.#mask]
    this.#places = places
    this.#mask = capacity - 1
    this.#head = 0
  }
}
