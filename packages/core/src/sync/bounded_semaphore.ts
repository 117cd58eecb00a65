import { Semaphore } from './semaphore.js'

/** A semaphore that refuses a release too many. asyncio: `BoundedSemaphore`. */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number

  constructor(value = 1) {
    super(value)
    this.#bound = value
  }

  /**
   * Gives one back.
   * @throws RangeError if everything has been given back already
   */
  override release(): void {
    if (this.free >= this.#bound) throw new RangeError('BoundedSemaphore released too many times')
    super.release()
  }
}
