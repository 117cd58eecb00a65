import type { Handle } from './handle.js'

/** The handles that run next, first in, first out: a ring that doubles when it is full. */
export class ReadyQueue {
  #ring: (Handle | undefined)[] = new Array(64).fill(undefined)
  #mask = 63
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(handle: Handle): void {
    if (this.#length > this.#mask) this.#grow()
    this.#ring[(this.#head + this.#length++) & this.#mask] = handle
  }

  /** The queue must not be empty. */
  shift(): Handle {
    const handle = this.#ring[this.#head]!
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.#length--
    return handle
  }

  clear(): void {
    while (this.#length > 0) this.shift()
  }

  #grow(): void {
    const capacity = this.#mask + 1
    const ring = new Array<Handle | undefined>(capacity * 2).fill(undefined)
    for (let i = 0; i < this.#length; i++) ring[i] = this.#ring[(this.#head + i) & this.#mask]
    this.#ring = ring
    this.#mask = capacity * 2 - 1
    this.#head = 0
  }
}
