import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import { bytesOf } from '../sockets/data.js'
import type { PipeEnd } from './read_pipe_transport.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'
import type { Data } from './transport.js'

const syscalls: Syscalls = { read: 'poll', write: 'write' }

/**
 * The writing end of a pipe, whatever its loop waits with. `connectionLost` as soon as the last reader has gone: with null, or
 * with EPIPE if something was still buffered.
 */
export abstract class WritePipeTransport<F extends PipeEnd = PipeEnd> extends StreamTransport<F> {
  /** `'pipe'`: what it was made of. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    return name === 'pipe' ? this._sock.file : fallback
  }

  /** After `close` or `writeEof` it is dropped. */
  override write(data: Data): void {
    if (!this._closing) return super.write(data)
    bytesOf(data)
    if (this._connLost !== 0) this._tooLate()
  }

  override writelines(chunks: Iterable<Data>): void {
    if (!this._closing) return super.writelines(chunks)
    Array.from(chunks, bytesOf)
    if (this._connLost !== 0) this._tooLate()
  }

  override canWriteEof(): boolean {
    return true
  }

  /** The reader sees the end when the descriptor is closed, so it is the same as `close`. */
  override writeEof(): void {
    this.close()
  }

  protected override get _kind(): string {
    return 'write pipe transport'
  }

  protected override get _syscalls(): Syscalls {
    return syscalls
  }

  protected override _mustBeWritable(): void {}
  protected override _flushed(): void {}

  /** Nobody reads it any more. */
  protected _readerLeft(): void {
    this._forceClose(this.getWriteBufferSize() > 0 ? systemError(-errno.EPIPE, 'write') : null)
  }
}
