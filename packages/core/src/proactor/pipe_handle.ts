import { inspect } from 'node:util'
import type { PipeOps } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import type { StreamOps, TransportFile } from '../transports/descriptor_transport.js'

const later = () => -errno.EAGAIN

/** Nothing is done at once: a handle that was opened for overlapped operation has nothing else. */
const operationsOnly: StreamOps = { recv: later, send: later, sendv: later }

/** One end of a named pipe, which is closed by whoever has this. */
export class PipeHandle implements TransportFile {
  readonly _ops = operationsOnly
  readonly #pipes: PipeOps
  #handle: number

  constructor(pipes: PipeOps, handle: number) {
    this.#pipes = pipes
    this.#handle = handle
  }

  /** The handle's number; -1 once it is closed. */
  fileno(): number {
    return this.#handle
  }

  close(): void {
    const handle = this.#handle
    this.#handle = -1
    if (handle !== -1) this.#pipes.close(handle)
  }

  [inspect.custom](): string {
    return `<PipeHandle ${this.#handle}>`
  }
}
