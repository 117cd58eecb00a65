import { captureContext } from '../context/context.js'
import { Handle } from '../loop/handle.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'

/**
 * Something that the system does by itself, one at a time: who begins it gives it to a `Proactor`, and is called back in a
 * turn of the loop when it is done. It can be begun again from there. asyncio: `_OverlappedFuture`.
 */
export class Operation {
  /** @internal where the proactor keeps it; -1 when it is not under way */ _slot = -1
  /** @internal */ _generation = 0
  /** @internal */ readonly _brings: boolean
  /** What came of it: zero or more, or -errno. */
  result = 0
  readonly #loop: SocketEventLoop
  readonly #handle: Handle

  /**
   * @param done called when it has come back, with an error or without, in the context in which this was made
   * @param brings a result above 0 has bytes with it, which `done` takes from the proactor
   */
  constructor(loop: SocketEventLoop, done: () => void, brings = false) {
    this.#loop = loop
    this._brings = brings
    this.#handle = new Handle(done, [], loop, captureContext())
  }

  /** From its beginning until `done` is called, and has taken what it brought. */
  get busy(): boolean {
    return this._slot !== -1 || this.arrived
  }

  /** It has come back, and `done` has not been called yet. */
  get arrived(): boolean {
    return this.#handle._queued
  }

  /** @internal */
  _begin(slot: number, generation: number): void {
    this._slot = slot
    this._generation = generation
  }

  /** @internal in the pass that collected it, or in the next where it was done at once */
  _complete(result: number): void {
    this.result = result
    this.#handle._queued = true
    this.#loop._enqueue(this.#handle)
  }
}
