import type { EventLoop } from '../loop/event_loop.js'
import { StreamReader } from '../streams/stream_reader.js'
import { StreamWriter } from '../streams/stream_writer.js'
import { WriterProtocol } from '../streams/writer_protocol.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import type { ReadTransport, SubprocessTransport, Transport } from '../transports/transport.js'

/** The protocol behind a `Process`: its streams. asyncio: `SubprocessStreamProtocol`. */
export class SubprocessStreamProtocol extends WriterProtocol implements SubprocessProtocol {
  /** What the child reads, if that is a pipe. */
  stdin: StreamWriter | null = null
  /** What it writes, likewise. */
  stdout: StreamReader | null = null
  /** What it writes of errors, likewise. */
  stderr: StreamReader | null = null
  readonly #loop: EventLoop
  readonly #limit: number | undefined
  #transport: SubprocessTransport | null = null
  readonly #reading = new Set<number>()
  #exited = false

  /** @param limit of the readers; see `StreamReader` */
  constructor(limit: number | undefined, loop: EventLoop) {
    super(loop, false)
    this.#loop = loop
    this.#limit = limit
  }

  connectionMade(transport: SubprocessTransport): void {
    this.#transport = transport
    this.stdout = this.#reader(transport, 1)
    this.stderr = this.#reader(transport, 2)
    const stdin = transport.getPipeTransport(0)
    if (stdin !== null) this.stdin = new StreamWriter(stdin as Transport, this, null, this.#loop)
  }

  #reader(transport: SubprocessTransport, fd: number): StreamReader | null {
    const pipe = transport.getPipeTransport(fd)
    if (pipe === null) return null
    const reader = new StreamReader({ limit: this.#limit, loop: this.#loop })
    reader.setTransport(pipe as unknown as ReadTransport)
    this.#reading.add(fd)
    return reader
  }

  pipeDataReceived(fd: number, data: Buffer): void {
    this.#readerOf(fd)?.feedData(data)
  }

  pipeConnectionLost(fd: number, exc: Error | null): void {
    if (fd === 0) {
      this.stdin?.close()
      super.connectionLost(exc)
      return
    }
    const reader = this.#readerOf(fd)
    if (exc === null) reader?.feedEof()
    else reader?.setException(exc)
    this.#reading.delete(fd)
    this.#maybeClose()
  }

  processExited(): void {
    this.#exited = true
    this.#maybeClose()
  }

  /** What ends standard input is told apart: see `pipeConnectionLost`. */
  override connectionLost(): void {}

  #readerOf(fd: number): StreamReader | null {
    return fd === 1 ? this.stdout : fd === 2 ? this.stderr : null
  }

  /** Nothing is left to read, so what a grandchild may keep of standard input is not waited for. */
  #maybeClose(): void {
    if (!this.#exited || this.#reading.size > 0) return
    this.#transport?.close()
    this.#transport = null
  }
}
