import { inspect } from 'node:util'
import type { Address } from '../backend/contract.js'
import type { Abortable } from '../tasks/abortable.js'
import type { ExtraInfo } from '../transports/extra_info.js'
import type { Data, DatagramTransport } from '../transports/transport.js'
import type { EndpointProtocol, ReceivedDatagram } from './endpoint_protocol.js'

/**
 * Datagrams without a protocol: `for await (const [data, addr] of endpoint)` receives until it is closed,
 * `await endpoint.send(data, addr)` sends. Made by `openDatagramEndpoint`. Disposing it (`await using`) closes it.
 */
export class DatagramEndpoint implements AsyncIterable<ReceivedDatagram>, AsyncDisposable {
  readonly #protocol: EndpointProtocol

  /** @internal use `openDatagramEndpoint` */
  constructor(protocol: EndpointProtocol) {
    this.#protocol = protocol
  }

  /** What it sends through. */
  get transport(): DatagramTransport {
    return this.#protocol.transport
  }

  /** How many datagrams came and were lost because as many as may wait were waiting. Those that the system lost are not in it. */
  get dropped(): number {
    return this.#protocol.dropped
  }

  /**
   * Sends a datagram, as `transport.sendto` does; it need not be awaited. Awaiting it hands the datagram over at once, and
   * waits while the buffer is above high water.
   * @param addr needed unless the endpoint has a remote address
   * @throws TypeError, RangeError for what is no address (at the call); what the system refused of this datagram, or of
   *   one before that nobody awaited; LoopError when the endpoint is closed (rejections)
   */
  send(data: Data, addr: Address = null): PromiseLike<void> {
    const { transport, sent, notSent } = this.#protocol
    const isTooLate = transport.isClosing()
    transport.sendto(data, addr)
    return isTooLate ? notSent : sent
  }

  /**
   * The next datagram.
   * @throws the error that the system has for a connected endpoint: `ECONNREFUSED` if nobody listens there; LoopError
   *   when the endpoint is closed, also while it waits; CancelledError when the task is cancelled or `signal` aborts, and
   *   then no datagram is lost
   */
  receive(options?: Abortable): Promise<ReceivedDatagram> {
    return this.#protocol.receive(options)
  }

  /** Closes it after what is buffered. What was received and not taken is dropped. */
  close(): void {
    this.#protocol.close()
  }

  /** Whether it is closed or being closed. */
  isClosing(): boolean {
    return this.#protocol.transport.isClosing()
  }

  /**
   * Waits until it is gone.
   * @throws what ended it, if that was an error (rejection)
   */
  waitClosed(options?: Abortable): Promise<void> {
    return this.#protocol.waitClosed(options)
  }

  /** A detail of the transport by its name, such as `'sockname'`. */
  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K] | undefined
  /** As above, with what to give where there is none. */
  getExtraInfo(name: string, fallback?: unknown): any
  getExtraInfo(name: string, fallback?: unknown): unknown {
    return this.#protocol.transport.getExtraInfo(name, fallback)
  }

  /** Receives until it is closed. Leaving the loop does not close it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedDatagram, undefined> {
    // By hand: an async generator costs three more turns of the host's for each datagram.
    const iterator: AsyncIterableIterator<ReceivedDatagram, undefined> = {
      next: async () => {
        const value = await this.#protocol.next()
        return value === null ? { done: true, value: undefined } : { done: false, value }
      },
      return: async () => ({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await this.waitClosed()
  }

  [inspect.custom](): string {
    return `<DatagramEndpoint transport=${inspect(this.transport)} dropped=${this.dropped}>`
  }
}
