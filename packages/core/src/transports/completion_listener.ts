import { type NativeProactor, PENDING } from '../backend/contract.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { Operation } from '../proactor/operation.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'
import { isLostConnection } from './errno.js'
import { type Accepted, Listener } from './listener.js'

/** Has one accept under way. asyncio: `BaseProactorEventLoop._start_serving`. */
export class CompletionListener extends Listener {
  declare protected readonly _loop: ProactorEventLoop
  readonly #accepting: Operation
  readonly #beginAccept = (native: NativeProactor, slot: number, generation: number) =>
    native.accept(this._sock.fileno(), slot, generation, this._sock.family)

  constructor(loop: ProactorEventLoop, sock: Socket, backlog: number, accepted: Accepted) {
    super(loop, sock, backlog, accepted)
    this.#accepting = new Operation(loop, () => this.#arrived())
  }

  protected override _begin(): void {
    this._loop._proactor._associate(this._sock)
    this.#accept(1)
  }

  protected override _end(): void {
    const { arrived, result } = this.#accepting
    if (!arrived) return this._loop._proactor._cancel(this.#accepting)
    // Nobody will take this connection.
    if (result >= 0) this._sock._ops.close(result)
    this.#accepting.result = -constants['ECANCELED']!
  }

  #arrived(): void {
    const { result } = this.#accepting
    if (this._sock.fileno() === -1) {
      // The system may have accepted before it heard of the end.
      if (result >= 0) this._sock._ops.close(result)
    } else if (this.#took(result)) this.#accept(this._backlog)
  }

  /** At most `most` that wait already, so that other work has its turn while clients storm in; then one more in the background. */
  #accept(most: number): void {
    const proactor = this._loop._proactor
    for (let left = most; left > 0; left--) {
      // What is accepted may close the server.
      if (this._sock.fileno() === -1) return
      const result = proactor._try(this.#accepting, this.#beginAccept)
      if (result === PENDING || !this.#took(result)) return
    }
    if (this._sock.fileno() !== -1) proactor._begin(this.#accepting, this.#beginAccept)
  }

  /** Hands a new connection over; whether to accept more. */
  #took(result: number): boolean {
    if (result >= 0) this._accepted(this._sock, result)
    // It was cancelled by a pause, which begins anew itself.
    else if (result === -constants['ECANCELED']!) return false
    else if (!isLostConnection(result)) {
      this._pause(result)
      return false
    }
    return true
  }
}
