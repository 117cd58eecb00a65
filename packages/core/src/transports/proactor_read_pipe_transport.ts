import type { Future } from '../futures/future.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import type { CompletionChannel } from './completion_channel.js'
import type { StreamingProtocol } from './protocols.js'
import { type PipeEnd, ReadPipeTransport } from './read_pipe_transport.js'

/** The reading end of a pipe of Windows. asyncio: `_ProactorReadPipeTransport`. */
export class ProactorReadPipeTransport extends ReadPipeTransport {
  /** @internal use `loop.connectReadPipe` */
  constructor(loop: ProactorEventLoop, pipe: PipeEnd, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    super(loop, pipe, protocol, waiter)
  }

  /** @internal a read is always under way that brings it */
  override _drain(): void {}

  /** @internal the read that is under way would have brought what was written before the end of the writer was told */
  override get _isDrained(): boolean {
    return !this.isClosing() && (!this.isReading() || (this._channel as CompletionChannel).isWaiting)
  }
}
