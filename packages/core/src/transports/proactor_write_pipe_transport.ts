import { errno } from '../errors/errno.js'
import type { Future } from '../futures/future.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import type { StreamingProtocol } from './protocols.js'
import type { PipeEnd } from './read_pipe_transport.js'
import { WritePipeTransport } from './write_pipe_transport.js'

/**
 * The writing end of a pipe of Windows. Where it can also read, a read is under way, which fails when the reader has gone; where it
 * cannot, only a write tells. asyncio: `_ProactorWritePipeTransport`.
 */
export class ProactorWritePipeTransport extends WritePipeTransport {
  /** @internal use `loop.connectWritePipe` */
  constructor(loop: ProactorEventLoop, pipe: PipeEnd, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    super(loop, pipe, protocol, waiter)
  }

  /** @internal what the other end sends here is nobody's */
  override _received(result: Buffer | number): void {
    if (this._connLost !== 0 || typeof result !== 'number') return
    // It was not opened for reading.
    if (result === -errno.EPERM || result === -errno.EACCES) return
    this._readerLeft()
  }
}
