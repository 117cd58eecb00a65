import { CALL_CANCELLED, CALL_PENDING, CALL_RUNNING } from './messages.js'

/** A callback that was given to the loop of another thread. asyncio: the `Handle` of `call_soon_threadsafe`. */
export class RemoteCall {
  /** @internal what both threads see */ readonly _state = new Int32Array(
    new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  )
  readonly #sameThread: boolean

  /** @internal */
  constructor(sameThread: boolean) {
    this.#sameThread = sameThread
  }

  /**
   * Takes the call back if it has not begun. If the function runs at this moment, it waits until it has ended: after
   * `cancel()` it is either over or will never run.
   */
  cancel(): void {
    const before = Atomics.compareExchange(this._state, 0, CALL_PENDING, CALL_CANCELLED)
    // In the loop's own thread this is code of that function, which would wait for itself.
    if (before === CALL_RUNNING && !this.#sameThread) Atomics.wait(this._state, 0, CALL_RUNNING)
  }

  /** Whether `cancel()` came in time. */
  cancelled(): boolean {
    return Atomics.load(this._state, 0) === CALL_CANCELLED
  }
}
