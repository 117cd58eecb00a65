import type { EventLoop } from '../loop/event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import type { BaseProtocol } from '../transports/protocols.js'
import type { Transport } from '../transports/transport.js'
import { connectionReset } from './connection_reset.js'
import { noWait, Waiters } from './waiters.js'

/** The protocol behind a `StreamWriter`: knows when to write on, and when it is over. asyncio: `FlowControlMixin`. */
export class WriterProtocol implements BaseProtocol {
  /** @internal made for a server, which is the other side in a TLS handshake */ readonly _serverSide: boolean
  readonly #drains: Waiters
  readonly #closes: Waiters
  #paused = false
  #lost = false
  #error: Error | null = null

  constructor(loop: EventLoop, serverSide: boolean) {
    this._serverSide = serverSide
    this.#drains = new Waiters(loop)
    this.#closes = new Waiters(loop)
  }

  pauseWriting(): void {
    this.#paused = true
  }

  resumeWriting(): void {
    this.#paused = false
    this.#drains.release()
  }

  connectionLost(exc: Error | null): void {
    this.#lost = true
    this.#error = exc
    this.#closes.release(exc)
    this.#drains.release(exc)
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

  /** @internal the connection goes on over TLS */
  _replaceTransport(_transport: Transport): void {}
}
