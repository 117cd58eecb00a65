import type { FdLike } from '../loop/event_loop.js'
import type { SelectorKey } from './selector_key.js'

/** A live, read-only look at what is registered; found by the file as it was registered, or by its number. */
export class SelectorMap {
  readonly #keys: ReadonlyMap<number, SelectorKey>
  readonly #find: (file: FdLike) => SelectorKey | undefined

  /** @internal */
  constructor(keys: ReadonlyMap<number, SelectorKey>, find: (file: FdLike) => SelectorKey | undefined) {
    this.#keys = keys
    this.#find = find
  }

  /** How many files are registered. */
  get size(): number {
    return this.#keys.size
  }

  /** The key of a file, or undefined. */
  get(file: FdLike): SelectorKey | undefined {
    return this.#find(file)
  }

  /** Whether it is registered. */
  has(file: FdLike): boolean {
    return this.#find(file) !== undefined
  }

  /** The files as they were registered. */
  *keys(): Generator<FdLike> {
    for (const key of this.#keys.values()) yield key.fileobj
  }

  /** What is known of each. */
  *values(): Generator<SelectorKey> {
    yield* this.#keys.values()
  }

  /** Files and what is known of them. */
  *entries(): Generator<[FdLike, SelectorKey]> {
    for (const key of this.#keys.values()) yield [key.fileobj, key]
  }

  /** As `entries`. */
  [Symbol.iterator](): Generator<[FdLike, SelectorKey]> {
    return this.entries()
  }
}
