import { inspect } from 'node:util'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Protocol } from '../transports/protocols.js'
import type { Transport } from '../transports/transport.js'
import { connectionReset } from './connection_reset.js'
import type { StreamReader } from './stream_reader.js'
import { StreamWriter } from './stream_writer.js'
import { noWait, Waiters } from './waiters.js'

/** Serves one connection; an async function's errors are reported and close the connection. */
export type ClientConnected = (reader: StreamReader, writer: StreamWriter) => PromiseLike<unknown> | unknown

/**
 * Stands between a transport and a reader and writer. It holds no writer, so that one which was forgotten can be
 * collected. asyncio: `StreamReaderProtocol`.
 */
export class StreamReaderProtocol implements Protocol {
  /** @internal made for a server, which is the other side in a TLS handshake */ readonly _serverSide: boolean
  readonly #loop: EventLoop
  readonly #reader: StreamReader
  readonly #clientConnected: ClientConnected | null
  readonly #drains: Waiters
  readonly #closes: Waiters
  #overTls = false
  #paused = false
  #lost = false
  #error: Error | null = null

  /**
   * @param reader is fed with what arrives
   * @param clientConnected runs as a task for the connection, with a reader and a writer
   * @param options `loop`: the running loop if left out
   */
  constructor(reader: StreamReader, clientConnected?: ClientConnected | null, options: { loop?: EventLoop } = {}) {
    if (clientConnected !== undefined && clientConnected !== null && typeof clientConnected !== 'function') {
      throw new TypeError(`The callback for a client must be a function, not ${inspect(clientConnected)}`)
    }
    this.#loop = options.loop ?? getRunningLoop()
    this.#reader = reader
    this.#clientConnected = clientConnected ?? null
    this._serverSide = this.#clientConnected !== null
    this.#drains = new Waiters(this.#loop)
    this.#closes = new Waiters(this.#loop)
  }

  connectionMade(transport: Transport): void {
    this.#reader.setTransport(transport)
    this.#overTls = isTls(transport)
    if (this.#clientConnected !== null) this.#serve(transport, this.#clientConnected)
  }

  dataReceived(data: Buffer): void {
    this.#reader.feedData(data)
  }

  /** Keeps the writing half open, so that a reply can still be sent; TLS has no half. */
  eofReceived(): boolean {
    this.#reader.feedEof()
    return !this.#overTls
  }

  connectionLost(exc: Error | null): void {
    this.#lost = true
    this.#error = exc
    if (exc === null) this.#reader.feedEof()
    else this.#reader.setException(exc)
    this.#closes.release(exc)
    this.#drains.release(exc)
  }

  pauseWriting(): void {
    this.#paused = true
  }

  resumeWriting(): void {
    this.#paused = false
    this.#drains.release()
  }

  /** @internal whether a write need not wait */
  get _writable(): boolean {
    return !this.#paused && !this.#lost
  }

  /** @internal resolves once the write buffer is no longer above high water */
  _drain(options?: Abortable): Promise<void> {
    if (this.#lost) return Promise.reject(connectionReset())
    return this.#paused ? this.#drains.wait(options) : noWait
  }

  /** @internal resolves when the connection is gone, or rejects with what ended it */
  _closed(options?: Abortable): Promise<void> {
    if (!this.#lost) return this.#closes.wait(options)
    return this.#error === null ? noWait : Promise.reject(this.#error)
  }

  /** @internal what the reader holds */
  _takeBuffered(): Buffer {
    return this.#reader._takeBuffered()
  }

  /** @internal the connection goes on over TLS */
  _replaceTransport(transport: Transport): void {
    this.#overTls = isTls(transport)
    this.#reader._replaceTransport(transport)
  }

  #serve(transport: Transport, clientConnected: ClientConnected): void {
    const writer = new StreamWriter(transport, this, this.#reader, this.#loop)
    const task = this.#loop.createTask(async () => {
      await clientConnected(this.#reader, writer)
    })
    task.addDoneCallback(() => {
      if (task.cancelled()) return transport.close()
      const exception = task.exception()
      if (exception === null) return
      this.#loop.callExceptionHandler({
        message: 'Unhandled exception in the callback for a client',
        exception,
        transport,
      })
      transport.close()
    })
  }
}

function isTls(transport: Transport): boolean {
  return (transport.getExtraInfo('sslcontext') ?? null) !== null
}
