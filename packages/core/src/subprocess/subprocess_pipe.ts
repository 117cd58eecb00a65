import type { Protocol } from '../transports/protocols.js'
import { ReadPipeTransport } from '../transports/read_pipe_transport.js'
import type { WritePipeTransport } from '../transports/write_pipe_transport.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'

/** The transport of one of a child's standard streams. */
export type StdioTransport = ReadPipeTransport | WritePipeTransport

/** One of a child's standard streams. asyncio: `ReadSubprocessPipeProto`, `WriteSubprocessPipeProto`. */
export class SubprocessPipe implements Protocol {
  readonly transport: StdioTransport
  disconnected = false
  readonly #process: BaseSubprocessTransport
  readonly #fd: number

  /**
   * @param fd the child's descriptor: 0, 1 or 2
   * @param open makes its transport, with this as the protocol
   */
  constructor(process: BaseSubprocessTransport, fd: number, open: (protocol: SubprocessPipe) => StdioTransport) {
    this.#process = process
    this.#fd = fd
    this.transport = open(this)
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
    if (this.transport instanceof ReadPipeTransport) this.transport._drain()
  }

  /**
   * Once the child has ended and `drain` was called: whether the protocol has been given all that it left, as far as it
   * wants to read. The pipe may live on, in a grandchild.
   */
  get isDrained(): boolean {
    return this.disconnected || !(this.transport instanceof ReadPipeTransport) || this.transport._isDrained
  }
}
