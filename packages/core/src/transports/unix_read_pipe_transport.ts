import { errno } from '../errors/errno.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { PipeFile } from './pipe_file.js'
import type { StreamingProtocol } from './protocols.js'
import { ReadPipeTransport } from './read_pipe_transport.js'

/** More than the largest pipe that an ordinary user may have (1 MiB) needs. */
const mostReads = 32

/**
 * The reading end of a pipe, FIFO, terminal, character device or socket. `eofReceived` when the last writer has closed
 * it, and then `connectionLost`. asyncio: `_UnixReadPipeTransport`.
 */
export class UnixReadPipeTransport extends ReadPipeTransport<PipeFile> {
  /** @internal use `loop.connectReadPipe` */
  constructor(loop: SocketEventLoop, pipe: PipeFile, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    // Devices and packet pipes lose what a small read leaves, and some refuse one.
    super(loop, pipe, protocol, waiter, null, true)
  }

  /** @internal reads what is there now, as far as others do not write as fast as it reads */
  override _drain(): void {
    for (let reads = 0; reads < mostReads && this.isReading() && this._readReady(); reads++);
  }

  /** @internal the pipe may live on, in a grandchild */
  override get _isDrained(): boolean {
    return !this.isClosing()
  }

  /** The master of a pseudo-terminal answers EIO, not an end of file, when the last process has closed the other side. */
  protected override _readFailed(result: number): void {
    if (result === -errno.EIO && this._sock.kind === 'other') this._endOfStream()
    else super._readFailed(result)
  }
}
