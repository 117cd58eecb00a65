import { NotImplementedError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import type { PipeHandle } from '../proactor/pipe_handle.js'
import type { StreamingProtocol } from './protocols.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'

const syscalls: Syscalls = { read: 'read', write: 'write' }

/** One end of a named pipe: a stream in both directions, neither of which can be closed alone. asyncio: `_ProactorDuplexPipeTransport`. */
export class DuplexPipeTransport extends StreamTransport<PipeHandle> {
  readonly #name: string

  /** @internal use `createPipeConnection` and `startServingPipe` */
  constructor(
    loop: ProactorEventLoop,
    pipe: PipeHandle,
    protocol: StreamingProtocol,
    name: string,
    waiter: Future<void> | null = null,
  ) {
    super(loop, pipe, protocol, waiter)
    this.#name = name
  }

  /** `'pipe'`: its handle; `'addr'`: its name. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    if (name === 'addr') return this.#name
    return name === 'pipe' ? this._sock : fallback
  }

  override canWriteEof(): boolean {
    return false
  }

  override writeEof(): never {
    throw new NotImplementedError(
      'writeEof()',
      'a named pipe',
      'its directions end together: close it, or say in the bytes that there are no more',
    )
  }

  protected override get _kind(): string {
    return 'pipe transport'
  }

  protected override get _syscalls(): Syscalls {
    return syscalls
  }

  protected override _mustBeWritable(): void {}
  protected override _flushed(): void {}
}
