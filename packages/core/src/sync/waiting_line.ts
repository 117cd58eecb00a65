import { Future } from '../futures/future.js'
import type { EventLoop } from '../loop/event_loop.js'

/** Somebody who waits for a turn. */
export class Waiter extends Future<void> {
  /** @internal */ _ahead: Waiter | null = null
  /** @internal */ _behind: Waiter | null = null
  #woken = false

  /** Whether it was given its turn. Its task may have been cancelled in the same pass, and then passes the turn on. */
  get woken(): boolean {
    return this.#woken
  }

  /** Whether it was cancelled or aborted; it stands in line until its task has heard of it. */
  get gaveUp(): boolean {
    return this.done() && !this.#woken
  }

  wake(): void {
    this.#woken = true
    this.setResult()
  }
}

/** Those who wait, in the order in which they came. A linked list, for whoever is cancelled leaves from the middle. */
export class WaitingLine implements Iterable<Waiter> {
  #first: Waiter | null = null
  #last: Waiter | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Who has come first and not left. */
  get first(): Waiter | null {
    return this.#first
  }

  /** Whether nobody in line still waits for a turn or has been given one. */
  get abandoned(): boolean {
    for (let waiter = this.#first; waiter !== null; waiter = waiter._behind) if (!waiter.gaveUp) return false
    return true
  }

  join(loop: EventLoop): Waiter {
    const waiter = new Waiter({ loop })
    waiter._ahead = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last._behind = waiter
    this.#last = waiter
    this.#length++
    return waiter
  }

  /** Nothing for one that has left already. */
  leave(waiter: Waiter): void {
    const { _ahead: ahead, _behind: behind } = waiter
    if (ahead === null && this.#first !== waiter) return
    if (ahead === null) this.#first = behind
    else ahead._behind = behind
    if (behind === null) this.#last = ahead
    else behind._ahead = ahead
    waiter._ahead = null
    waiter._behind = null
    this.#length--
  }

  /** Wakes the first who has neither been woken nor given up; false if there is none. */
  wakeNext(): boolean {
    for (let waiter = this.#first; waiter !== null; waiter = waiter._behind) {
      if (waiter.done()) continue
      waiter.wake()
      return true
    }
    return false
  }

  *[Symbol.iterator](): Generator<Waiter> {
    for (let waiter = this.#first; waiter !== null; waiter = waiter._behind) yield waiter
  }
}
