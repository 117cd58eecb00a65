import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { PipeFile } from '../transports/pipe_file.js'
import type { Protocol } from '../transports/protocols.js'
import { UnixReadPipeTransport } from '../transports/unix_read_pipe_transport.js'
import { UnixWritePipeTransport } from '../transports/unix_write_pipe_transport.js'
import type { ParentEnd } from './child_stdio.js'
import { TerminalInputTransport } from './terminal_input_transport.js'
import type { UnixSubprocessTransport } from './unix_subprocess_transport.js'

/** One of a child's standard streams. asyncio: `ReadSubprocessPipeProto`, `WriteSubprocessPipeProto`. */
export class SubprocessPipe implements Protocol {
  readonly transport: UnixReadPipeTransport | UnixWritePipeTransport
  disconnected = false
  readonly #process: UnixSubprocessTransport
  readonly #fd: number

  /** @param fd the child's descriptor: 0, 1 or 2 */
  constructor(loop: SocketEventLoop, process: UnixSubprocessTransport, fd: number, end: ParentEnd) {
    this.#process = process
    this.#fd = fd
    const file = new PipeFile(loop, end.fd, end.fd, end.isTerminal ? 'other' : 'fifo')
    const Writing = end.isTerminal ? TerminalInputTransport : UnixWritePipeTransport
    this.transport = fd === 0 ? new Writing(loop, file, this) : new UnixReadPipeTransport(loop, file, this)
  }

  dataReceived(data: Buffer): void {
    this.#process._pipeDataReceived(this.#fd, data)
  }

  connectionLost(exception: Error | null): void {
    this.disconnected = true
    this.#process._pipeConnectionLost(this.#fd, exception)
  }

  pauseWriting(): void {
    this.#process.getProtocol().pauseWriting?.()
  }

  resumeWriting(): void {
    this.#process.getProtocol().resumeWriting?.()
  }

  /** The child has ended: reads what it left. */
  drain(): void {
    if (this.transport instanceof UnixReadPipeTransport) this.transport._drain()
  }

  /**
   * Once the child has ended and `drain` was called: whether the protocol has been given all that it left, as far as it
   * wants to read. The pipe may live on, in a grandchild.
   */
  get isDrained(): boolean {
    return this.disconnected || this.transport instanceof UnixWritePipeTransport || !this.transport.isClosing()
  }
}
