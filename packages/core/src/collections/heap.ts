/**
 * A binary heap: the element that goes before all others is at hand; equal ones have no order among themselves. All
 * comparisons come before the first move, so a heap whose order throws is as it was.
 */
export class Heap<T> {
  #elements: T[] = []
  readonly #before: (a: T, b: T) => boolean
  /** Where the last element that sank went through; kept, so that none is made each time. */
  readonly #path: number[] = []

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get length(): number {
    return this.#elements.length
  }

  peek(): T | undefined {
    return this.#elements[0]
  }

  push(element: T): void {
    const elements = this.#elements
    let place = elements.length
    while (place > 0 && this.#before(element, elements[parent(place)]!)) place = parent(place)
    let gap = elements.length
    elements.push(element)
    for (; gap !== place; gap = parent(gap)) elements[gap] = elements[parent(gap)]!
    elements[place] = element
  }

  pop(): T | undefined {
    const elements = this.#elements
    const first = elements[0]
    const last = elements.length - 1
    if (last > 0) this.#sink(0, elements[last]!, last)
    elements.pop()
    return first
  }

  /** Leaves only the elements that `keep` names. */
  filter(keep: (element: T) => boolean): void {
    const elements = this.#elements.filter(keep)
    this.#elements = elements
    for (let place = (elements.length >> 1) - 1; place >= 0; place--) {
      this.#sink(place, elements[place]!, elements.length)
    }
  }

  clear(): void {
    this.#elements = []
  }

  /** Puts `element` at or below `start`, among the first `length` elements. */
  #sink(start: number, element: T, length: number): void {
    const elements = this.#elements
    const path = this.#path
    let depth = 0
    for (let child = 2 * start + 1; child < length; child = 2 * child + 1) {
      if (child + 1 < length && this.#before(elements[child + 1]!, elements[child]!)) child++
      if (!this.#before(elements[child]!, element)) break
      path[depth++] = child
    }
    let gap = start
    for (let step = 0; step < depth; step++) {
      const next = path[step]!
      elements[gap] = elements[next]!
      gap = next
    }
    elements[gap] = element
  }
}

function parent(place: number): number {
  return (place - 1) >> 1
}
