import { NotImplementedError } from '../errors/index.js'
import type { EventLoop } from '../loop/event_loop.js'
import type { TransportSocket } from '../sockets/transport_socket.js'
import type { Abortable } from '../tasks/abortable.js'

/** The contract of every server; each method throws `NotImplementedError` unless overridden. asyncio: `AbstractServer`. */
export abstract class AbstractServer {
  /** Stops listening. Connections that were accepted stay. */
  close(): void {
    this.#missing('close')
  }
  /** Closes every connection that it accepted. */
  closeClients(): void {
    this.#missing('closeClients')
  }
  /** Ends every connection that it accepted at once; what they had buffered is lost. */
  abortClients(): void {
    this.#missing('abortClients')
  }
  /** The listening sockets; none once it is closed. */
  get sockets(): TransportSocket[] {
    return this.#missing('sockets')
  }
  /** The loop it belongs to. */
  getLoop(): EventLoop {
    return this.#missing('getLoop')
  }
  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#missing('isServing')
  }
  /** Begins to listen, if it does not yet. */
  startServing(): Promise<void> {
    return this.#missing('startServing')
  }
  /** Accepts until its task is cancelled (or `signal` aborts), then closes the server and its connections and waits until they are gone. */
  serveForever(options?: Abortable): Promise<void>
  serveForever(): Promise<void> {
    return this.#missing('serveForever')
  }
  /** Waits until it was closed and every connection is gone. */
  waitClosed(options?: Abortable): Promise<void>
  waitClosed(): Promise<void> {
    return this.#missing('waitClosed')
  }
  /** Closes it and waits until its connections are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await this.waitClosed()
  }

  #missing(method: string): never {
    throw new NotImplementedError(`${method}()`, this.constructor.name, 'the class does not override it')
  }
}
