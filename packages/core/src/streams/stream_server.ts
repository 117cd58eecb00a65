import type { EventLoop } from '../loop/event_loop.js'
import type { TransportSocket } from '../sockets/transport_socket.js'
import type { Abortable } from '../tasks/abortable.js'
import { Server } from '../transports/server.js'
import type { StreamReader } from './stream_reader.js'
import type { StreamWriter } from './stream_writer.js'
import { Waiters } from './waiters.js'

/**
 * A server to iterate: `for await (const [reader, writer] of server)`. The iteration ends when the server is closed and
 * every connection that had come was given out; leaving it early closes nothing. Made by `startServer(null, options)`.
 */
export class StreamServer extends Server implements AsyncIterable<[StreamReader, StreamWriter]> {
  readonly #server: Server
  readonly #arrived: Arrivals

  /** @internal use `startServer` */
  constructor(server: Server, arrived: Arrivals) {
    super()
    this.#server = server
    this.#arrived = arrived
  }

  /** The listening sockets; none after `close`. */
  override get sockets(): TransportSocket[] {
    return this.#server.sockets
  }

  override close(): void {
    this.#server.close()
    this.#arrived.end()
  }
  override closeClients(): void {
    this.#server.closeClients()
  }
  override abortClients(): void {
    this.#server.abortClients()
  }
  /** The loop it belongs to. */
  override getLoop(): EventLoop {
    return this.#server.getLoop()
  }
  /** Whether it accepts connections. */
  override isServing(): boolean {
    return this.#server.isServing()
  }
  /** Begins to listen, if it does not yet. */
  override startServing(): Promise<void> {
    return this.#server.startServing()
  }
  override async serveForever(options?: Abortable): Promise<void> {
    try {
      await this.#server.serveForever(options)
    } finally {
      this.#arrived.end()
    }
  }
  override waitClosed(options?: Abortable): Promise<void> {
    return this.#server.waitClosed(options)
  }

  /** Closes it, and the connections that nobody took; waits for those that somebody did. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    for (const [, writer] of this.#arrived.takeAll()) writer.close()
    await this.waitClosed()
  }

  /** The connections, as they come. */
  [Symbol.asyncIterator](): AsyncIterator<[StreamReader, StreamWriter], undefined> {
    return { next: () => this.#arrived.next() }
  }
}

/** Connections that were accepted and wait to be taken. */
export class Arrivals {
  readonly #queue: [StreamReader, StreamWriter][] = []
  readonly #waiters: Waiters
  #ended = false

  constructor(loop: EventLoop) {
    this.#waiters = new Waiters(loop)
  }

  /** One that was accepted just before the end is closed: nobody would take it. */
  add(reader: StreamReader, writer: StreamWriter): void {
    if (this.#ended) {
      writer.close()
      return
    }
    this.#queue.push([reader, writer])
    this.#waiters.release()
  }

  end(): void {
    this.#ended = true
    this.#waiters.release()
  }

  takeAll(): [StreamReader, StreamWriter][] {
    return this.#queue.splice(0)
  }

  /** Whoever finds the queue empty after a wake-up was overtaken by another, and waits again. */
  async next(): Promise<IteratorResult<[StreamReader, StreamWriter], undefined>> {
    for (;;) {
      const pair = this.#queue.shift()
      if (pair !== undefined) return { value: pair, done: false }
      if (this.#ended) return { value: undefined, done: true }
      await this.#waiters.wait()
    }
  }
}
