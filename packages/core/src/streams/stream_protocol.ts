import { inspect } from 'node:util'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import type { Protocol } from '../transports/protocols.js'
import type { Transport } from '../transports/transport.js'
import type { StreamReader } from './stream_reader.js'
import { StreamWriter } from './stream_writer.js'
import { WriterProtocol } from './writer_protocol.js'

/** Serves one connection; an async function's errors are reported and close the connection. */
export type ClientConnected = (reader: StreamReader, writer: StreamWriter) => PromiseLike<unknown> | unknown

/**
 * Stands between a transport and a reader and writer. It holds no writer, so that one which was forgotten can be
 * collected. asyncio: `StreamReaderProtocol`.
 */
export class StreamReaderProtocol extends WriterProtocol implements Protocol {
  readonly #loop: EventLoop
  readonly #reader: StreamReader
  readonly #clientConnected: ClientConnected | null
  #overTls = false

  /**
   * @param reader is fed with what arrives
   * @param clientConnected runs as a task for the connection, with a reader and a writer
   * @param options `loop`: the running loop if left out
   */
  constructor(reader: StreamReader, clientConnected?: ClientConnected | null, options: { loop?: EventLoop } = {}) {
    if (clientConnected !== undefined && clientConnected !== null && typeof clientConnected !== 'function') {
      throw new TypeError(`The callback for a client must be a function, not ${inspect(clientConnected)}`)
    }
    const loop = options.loop ?? getRunningLoop()
    super(loop, (clientConnected ?? null) !== null)
    this.#loop = loop
    this.#reader = reader
    this.#clientConnected = clientConnected ?? null
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

  override connectionLost(exc: Error | null): void {
    if (exc === null) this.#reader.feedEof()
    else this.#reader.setException(exc)
    super.connectionLost(exc)
  }

  /** @internal */
  get _reader(): StreamReader {
    return this.#reader
  }

  /** @internal what the reader holds */
  _takeBuffered(): Buffer {
    return this.#reader._takeBuffered()
  }

  /** @internal */
  override _replaceTransport(transport: Transport): void {
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
