import { errno } from '../errors/errno.js'
import { NotImplementedError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { PipeFile } from './pipe_file.js'
import type { StreamingProtocol } from './protocols.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'

/** More than the largest pipe that an ordinary user may have (1 MiB) needs. */
const mostReads = 32
const syscalls: Syscalls = { read: 'read', write: 'write' }

/**
 * The reading end of a pipe, FIFO, terminal, character device or socket. `eofReceived` when the last writer has closed
 * it, and then `connectionLost`: there is no other half to keep open. asyncio: `_UnixReadPipeTransport`.
 */
export class UnixReadPipeTransport extends StreamTransport<PipeFile> {
  /** @internal use `loop.connectReadPipe` */
  constructor(loop: SocketEventLoop, pipe: PipeFile, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    // Devices and packet pipes lose what a small read leaves, and some refuse one.
    super(loop, pipe, protocol, waiter, null, true)
  }

  /** @internal reads what is there now, as far as the protocol wants it and others do not write as fast as it reads */
  _drain(): void {
    for (let reads = 0; reads < mostReads && this.isReading() && this._readReady(); reads++);
  }

  /** `'pipe'`: what it was made of. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    return name === 'pipe' ? this._sock.file : fallback
  }

  override canWriteEof(): boolean {
    return false
  }

  override writeEof(): void {
    this._mustBeWritable('writeEof')
  }

  protected override get _kind(): string {
    return 'read pipe transport'
  }

  protected override get _syscalls(): Syscalls {
    return syscalls
  }

  /** The master of a pseudo-terminal answers EIO, not an end of file, when the last process has closed the other side. */
  protected override _readFailed(result: number): void {
    if (result === -errno.EIO && this._sock.kind === 'other') this._endOfStream()
    else super._readFailed(result)
  }

  protected override _mustBeWritable(method: string): never {
    throw new NotImplementedError(`${method}()`, 'a read pipe transport', 'connectWritePipe() makes one that writes')
  }

  protected override _flushed(): void {}
}
