import { inspect } from 'node:util'
import { isSystemError } from '../errors/index.js'
import type { EventLoop } from '../loop/event_loop.js'
import type { StartTlsOptions, TlsOption } from '../loop/options.js'
import type { Abortable } from '../tasks/abortable.js'
import { PendingWait } from '../tasks/pending_wait.js'
import { sleep } from '../tasks/sleep.js'
import type { ExtraInfo } from '../transports/extra_info.js'
import type { Data, Transport } from '../transports/transport.js'
import type { StreamReader } from './stream_reader.js'
import { forgetUnclosed, watchUnclosed } from './unclosed_writers.js'
import { noWait } from './waiters.js'
import type { WriterProtocol } from './writer_protocol.js'

/**
 * The sending half of a stream. Made by `openConnection` and `startServer`. Disposing it (`await using`) closes it and
 * waits until it is closed. asyncio: `StreamWriter`.
 */
export class StreamWriter implements AsyncDisposable {
  #transport: Transport
  readonly #protocol: WriterProtocol
  readonly #reader: StreamReader | null
  readonly #loop: EventLoop
  /** One for all writes, since it holds nothing of a particular one. */
  readonly #pending = new PendingWait(() => this.drain())

  constructor(transport: Transport, protocol: WriterProtocol, reader: StreamReader | null, loop: EventLoop) {
    this.#transport = transport
    this.#protocol = protocol
    this.#reader = reader
    this.#loop = loop
    watchUnclosed(this, { transport, loop })
  }

  /** What it writes to. */
  get transport(): Transport {
    return this.#transport
  }

  /**
   * Sends `data`, a string as UTF-8. Awaiting it is `drain()`: it resolves once the buffer is not above high water. It
   * need not be awaited; what nobody awaits waits for nothing and rejects nowhere.
   * @throws TypeError for other data; LoopError after `writeEof()`
   */
  write(data: Data): PromiseLike<void> {
    this.#transport.write(data)
    return this.#written()
  }

  /** As `write`, for several pieces, which leave together. */
  writelines(chunks: Iterable<Data>): PromiseLike<void> {
    this.#transport.writelines(chunks)
    return this.#written()
  }

  /** Ends the sending half, after what is buffered. */
  writeEof(): void {
    this.#transport.writeEof()
  }

  /** Whether the transport has halves to end; TLS has not. */
  canWriteEof(): boolean {
    return this.#transport.canWriteEof()
  }

  /**
   * Waits while the buffer is above high water.
   * @throws the error that ended the connection, or one with the code ECONNRESET when it is gone (rejections)
   */
  drain(options?: Abortable): Promise<void> {
    if (this.#ready()) return noWait
    return this.#drain(options)
  }

  /** Closes the connection after what is buffered. */
  close(): void {
    forgetUnclosed(this)
    this.#transport.close()
  }

  /** Whether it is closed or being closed. asyncio: `is_closing`. */
  isClosing(): boolean {
    return this.#transport.isClosing()
  }

  /**
   * Waits until the connection is gone.
   * @throws the error that ended it (rejection), null errors being a regular end
   */
  waitClosed(options?: Abortable): Promise<void> {
    return this.#protocol._closed(options)
  }

  /** A detail of the transport by its name, such as `'peername'`. */
  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K] | undefined
  /** As above, with what to give where there is none. */
  getExtraInfo(name: string, fallback?: unknown): any
  getExtraInfo(name: string, fallback?: unknown): unknown {
    return this.#transport.getExtraInfo(name, fallback)
  }

  /** Goes on over TLS on the same connection, as the server where `startServer` made this writer, else as the client. */
  async startTls(ssl: TlsOption, options: Omit<StartTlsOptions, 'serverSide'> = {}): Promise<void> {
    await this.drain(options)
    const serverSide = this.#protocol._serverSide
    const transport = await this.#loop.startTls(this.#transport, this.#protocol, ssl, { ...options, serverSide })
    forgetUnclosed(this)
    watchUnclosed(this, { transport, loop: this.#loop })
    this.#transport = transport
    this.#protocol._replaceTransport(transport)
  }

  /** Closes it and waits; an error of the connection is no error here, for it is gone all the same. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    try {
      await this.waitClosed()
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }

  /** Nothing to wait for and nothing to report. */
  #ready(): boolean {
    return this.#protocol._writable && this.#reader?.exception() == null && !this.#transport.isClosing()
  }

  /** Costs nothing unless somebody awaits it. */
  #written(): PromiseLike<void> {
    return this.#ready() ? noWait : this.#pending
  }

  async #drain(options?: Abortable): Promise<void> {
    const exception = this.#reader?.exception() ?? null
    if (exception !== null) throw exception
    // connectionLost() comes in a later turn: without this one, code that writes and drains in a loop would never see it.
    if (this.#transport.isClosing()) await sleep(0, undefined, options)
    await this.#protocol._drain(options)
  }

  [inspect.custom](): string {
    return `<StreamWriter transport=${inspect(this.#transport)}>`
  }
}
