import type { Operation } from '../proactor/operation.js'
import type { Proactor } from '../proactor/proactor.js'
import { Chunks } from './chunks.js'

/** An idle connection keeps this much memory for what may come. */
const smallest = 4 * 1024
const largest = 256 * 1024

/** Where the bytes of one connection land that the system received by itself, and how many it is asked for. */
export class CompletionInbox extends Chunks {
  /** For the next read: more when what came filled it, less when most of it was not needed. */
  size = smallest

  /** What came, the receiver's to keep. */
  takeFrom(proactor: Proactor, operation: Operation): Buffer {
    const count = operation.result
    if (count === this.size) this.size = Math.min(largest, 4 * this.size)
    else if (count < this.size / 16) this.size = Math.max(smallest, this.size / 4)
    const bytes = this.take(count)
    proactor._take(operation, bytes, 0, count)
    return bytes
  }
}
