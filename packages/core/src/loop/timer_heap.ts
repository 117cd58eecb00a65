import type { TimerHandle } from './timer_handle.js'

/** Purging cancelled timers one by one at the head is enough until a program cancels most of many. */
const purgeAbove = 100

/** The timers of a loop, earliest first; equal deadlines in the order of insertion. A binary heap. */
export class TimerHeap {
  #heap: TimerHandle[] = []
  #cancelled = 0

  get size(): number {
    return this.#heap.length
  }

  /** The earliest timer that was not cancelled. */
  peek(): TimerHandle | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!._cancelled) {
      this.#cancelled--
      this.#removeFirst()
    }
    return this.#heap[0]
  }

  push(timer: TimerHandle): void {
    this.#heap.push(timer)
    this.#up(this.#heap.length - 1)
  }

  /** Takes the earliest out if it is due at `now`. */
  popDue(now: number): TimerHandle | undefined {
    const first = this.peek()
    if (first === undefined || first.when() > now) return undefined
    this.#removeFirst()
    return first
  }

  /** One of its timers was cancelled: it stays until it comes up, or until the cancelled ones are the most of many. */
  noteCancelled(): void {
    this.#cancelled++
    if (this.#heap.length <= purgeAbove || this.#cancelled * 2 <= this.#heap.length) return
    const alive: TimerHandle[] = []
    for (const timer of this.#heap) {
      if (timer._cancelled) timer._scheduled = false
      else alive.push(timer)
    }
    this.#cancelled = 0
    this.#heap = alive
    for (let i = (alive.length >> 1) - 1; i >= 0; i--) this.#down(i)
  }

  clear(): void {
    for (const timer of this.#heap) timer._scheduled = false
    this.#heap = []
    this.#cancelled = 0
  }

  #removeFirst(): void {
    const heap = this.#heap
    heap[0]!._scheduled = false
    const last = heap.pop()!
    if (heap.length === 0) return
    heap[0] = last
    this.#down(0)
  }

  #up(start: number): void {
    const heap = this.#heap
    let i = start
    const timer = heap[i]!
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(timer, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = timer
  }

  #down(start: number): void {
    const heap = this.#heap
    let i = start
    const timer = heap[i]!
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, timer)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = timer
  }
}

function before(a: TimerHandle, b: TimerHandle): boolean {
  return a.when() < b.when() || (a.when() === b.when() && a._sequence < b._sequence)
}
