import { inspect } from 'node:util'
import { Heap } from '../collections/heap.js'
import type { Items } from './items.js'
import { Queue } from './queue.js'

/** Negative if `a` comes out before `b`, positive if after; 0 leaves the order in which they were put in. */
export type Comparator<T> = (a: T, b: T) => number

/**
 * A queue that gives the smallest item first, and equal ones in the order in which they were put in.
 *
 * Without a comparator items are compared by `<`, and arrays element by element, so that `[priority, item]` is sorted
 * as in Python; what `<` cannot tell apart (objects, say) counts as equal.
 *
 * ```ts
 * import { PriorityQueue } from '@loop/core'
 *
 * const queue = new PriorityQueue<{ what: string; urgency: number }>(0, { comparator: (a, b) => b.urgency - a.urgency })
 * queue.putNowait({ what: 'tidy up', urgency: 1 })
 * queue.putNowait({ what: 'put out the fire', urgency: 9 })
 * console.log(queue.getNowait().what)
 * ```
 * prints
 * ```text
 * put out the fire
 * ```
 *
 * asyncio: `PriorityQueue`.
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * @param maxsize as of `Queue`
   * @param options `comparator`: as for `Array.prototype.sort`; what it throws is thrown by the `put` or `get` that asked,
   *   and the queue is as before
   */
  constructor(maxsize = 0, options: { comparator?: Comparator<T> | undefined } = {}) {
    const { comparator = ascending } = options
    if (typeof comparator !== 'function')
      throw new TypeError(`comparator must be a function of two items, not ${inspect(comparator)}`)
    super(maxsize, new SmallestFirst<T>(comparator))
  }
}

interface Entry<T> {
  readonly item: T
  /** Orders what the comparator holds to be equal. */
  readonly sequence: number
}

class SmallestFirst<T> implements Items<T> {
  readonly #heap: Heap<Entry<T>>
  #sequence = 0

  constructor(comparator: Comparator<T>) {
    this.#heap = new Heap((a, b) => {
      const order = comparator(a.item, b.item)
      return order < 0 || (!(order > 0) && a.sequence < b.sequence)
    })
  }

  get length(): number {
    return this.#heap.length
  }

  put(item: T): void {
    this.#heap.push({ item, sequence: this.#sequence++ })
  }

  take(): T {
    return this.#heap.pop()!.item
  }
}

function ascending(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = ascending(a[i], b[i])
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  return (a as number) < (b as number) ? -1 : (b as number) < (a as number) ? 1 : 0
}
