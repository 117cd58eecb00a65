import { Heap } from '../collections/heap.js'
import type { TimerHandle } from './timer_handle.js'

/** Purging cancelled timers one by one at the head is enough until a program cancels most of many. */
const purgeAbove = 100

/** The timers of a loop, earliest first; equal deadlines in the order of insertion. */
export class TimerHeap {
  readonly #heap = new Heap<TimerHandle>(
    (a, b) => a.when() < b.when() || (a.when() === b.when() && a._sequence < b._sequence),
  )
  #cancelled = 0

  get size(): number {
    return this.#heap.length
  }

  /** The earliest timer that was not cancelled. */
  peek(): TimerHandle | undefined {
    for (;;) {
      const first = this.#heap.peek()
      if (first === undefined || !first._cancelled) return first
      this.#cancelled--
      this.#removeFirst()
    }
  }

  push(timer: TimerHandle): void {
    this.#heap.push(timer)
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
    this.#cancelled = 0
    this.#heap.filter((timer) => {
      if (timer._cancelled) timer._scheduled = false
      return !timer._cancelled
    })
  }

  clear(): void {
    this.#heap.filter((timer) => {
      timer._scheduled = false
      return false
    })
    this.#cancelled = 0
  }

  #removeFirst(): void {
    this.#heap.pop()!._scheduled = false
  }
}
