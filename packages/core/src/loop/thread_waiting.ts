import type { NativeDrivers, NativeWaitable, NativeWaiter } from '../backend/contract.js'
import type { Waiting } from './chained_driver.js'
import { monotonic } from './clock.js'

/** Waits on a thread of its own: for hosts without a libuv loop, and pollers without a descriptor. */
export class ThreadWaiting implements Waiting {
  readonly name = 'thread'
  readonly #poller: NativeWaitable
  readonly #Native: NativeDrivers['WaiterThread']
  #native: NativeWaiter | null = null
  #armed = false

  constructor(poller: NativeWaitable, Native: NativeDrivers['WaiterThread']) {
    this.#poller = poller
    this.#Native = Native
  }

  get armed(): boolean {
    return this.#armed
  }

  now(): number {
    return monotonic()
  }

  poll(): number {
    return this.#poller.wait(0)
  }

  attach(ready: () => void): void {
    this.#native = new this.#Native(this.#poller, () => {
      this.#armed = false
      ready()
    })
  }

  arm(deadline: number): void {
    this.#armed = true
    this.#native?.arm(Math.max(0, deadline - monotonic()))
  }

  disarm(): void {
    this.#native?.wake()
  }

  hold(on: boolean): void {
    if (on) this.#native?.ref()
    else this.#native?.unref()
  }

  close(): void {
    this.#native?.close()
    this.#native = null
  }
}
