import type { NativeDriver, NativeDrivers, NativePoller } from '../backend/contract.js'
import { monotonic } from './clock.js'
import type { Driver, DriverClient } from './driver.js'

/** Rides on the host's libuv loop: the passes and slices run straight from native code. */
export class UvDriver implements Driver {
  readonly name = 'uv'
  readonly #poller: NativePoller
  readonly #Native: NonNullable<NativeDrivers['UvDriver']>
  #native: NativeDriver | null = null

  constructor(poller: NativePoller, Native: NonNullable<NativeDrivers['UvDriver']>) {
    this.#poller = poller
    this.#Native = Native
  }

  now(): number {
    return monotonic()
  }

  attach(client: DriverClient): void {
    this.#native = new this.#Native(this.#poller, client.state, client.times, () => client.runSlice())
  }

  start(): void {
    this.#native?.start()
  }

  stop(): void {
    this.#native?.stop()
  }

  wake(): void {
    this.#native?.wake()
  }

  close(): void {
    this.#native?.close()
    this.#native = null
  }
}
