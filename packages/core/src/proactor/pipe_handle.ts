import { inspect } from 'node:util'
import type { PipeOps } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import type { StreamOps } from '../transports/descriptor_transport.js'
import type { PipeEnd } from '../transports/read_pipe_transport.js'
import { pipeOps } from './windows_ops.js'

const later = () => -errno.EAGAIN

/** Nothing is done at once: a handle that was opened for overlapped operation has nothing else. */
const operationsOnly: StreamOps = { recv: later, send: later, sendv: later }

/**
 * One end of a pipe of Windows, opened for overlapped operation, which whoever has this closes. Python:
 * `asyncio.windows_utils.PipeHandle`.
 */
export class PipeHandle implements PipeEnd {
  /** @internal */ readonly _ops = operationsOnly
  readonly #pipes: PipeOps
  #handle: number

  /**
   * @param handle the system's number of it, this object's from now on
   * @throws NotImplementedError where there are none
   */
  constructor(handle: number) {
    this.#pipes = pipeOps()
    this.#handle = handle
  }

  /**
   * The reading and the writing end of a pipe without a name, both for transports. Python: `asyncio.windows_utils.pipe`.
   * @throws NotImplementedError where there are none
   */
  static pair(): [PipeHandle, PipeHandle] {
    const pair = new Int32Array(2)
    // The end that writes can also read, and so learns that the other one was closed.
    const result = pipeOps().openPipe(pair, true, true, true)
    if (result < 0) throw systemError(result, 'CreateNamedPipe')
    return [new PipeHandle(pair[0]!), new PipeHandle(pair[1]!)]
  }

  /** What `getExtraInfo('pipe')` gives: itself. */
  get file(): FdLike {
    return this
  }

  /** The handle's number; -1 once it is closed. */
  fileno(): number {
    return this.#handle
  }

  /** Idempotent. */
  close(): void {
    const handle = this.#handle
    this.#handle = -1
    if (handle !== -1) this.#pipes.close(handle)
  }

  /** Disposing it closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  [inspect.custom](): string {
    return `<PipeHandle ${this.#handle}>`
  }
}
