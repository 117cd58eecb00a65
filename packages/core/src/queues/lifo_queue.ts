import type { Items } from './items.js'
import { Queue } from './queue.js'

/** A queue that gives what was put in last. asyncio: `LifoQueue`. */
export class LifoQueue<T> extends Queue<T> {
  constructor(maxsize = 0) {
    super(maxsize, new LastInFirstOut<T>())
  }
}

class LastInFirstOut<T> implements Items<T> {
  readonly #stack: T[] = []

  get length(): number {
    return this.#stack.length
  }

  put(item: T): void {
    this.#stack.push(item)
  }

  take(): T {
    return this.#stack.pop() as T
  }
}
