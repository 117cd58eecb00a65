import { NotImplementedError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import type { TransportFile } from './descriptor_transport.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'

const syscalls: Syscalls = { read: 'read', write: 'write' }

/** What a pipe transport owns, and what it was made of. */
export interface PipeEnd extends TransportFile {
  /** What the user handed over. */
  readonly file: FdLike
}

/** The reading end of a pipe, whatever its loop waits with: there is no other half to keep open when it has ended. */
export abstract class ReadPipeTransport<F extends PipeEnd = PipeEnd> extends StreamTransport<F> {
  /** `'pipe'`: what it was made of. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    return name === 'pipe' ? this._sock.file : fallback
  }

  /** @internal its writer has ended: sees to it that what is in the pipe is read, as far as the protocol wants it */
  abstract _drain(): void

  /** @internal after `_drain`: whether the protocol has it */
  abstract get _isDrained(): boolean

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

  protected override _mustBeWritable(method: string): never {
    throw new NotImplementedError(`${method}()`, 'a read pipe transport', 'connectWritePipe() makes one that writes')
  }

  protected override _flushed(): void {}
}
