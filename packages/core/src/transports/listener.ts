import { systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { TimerHandle } from '../loop/timer_handle.js'
import type { Socket } from '../sockets/socket.js'
import { TransportSocket } from '../sockets/transport_socket.js'
import { isExhaustion } from './errno.js'

/** Milliseconds without accepting after the system ran out of descriptors or memory. */
const retryDelay = 1000

/** Who gets the descriptors of new connections. */
export type Accepted = (listening: Socket, fd: number) => void

/** Accepts on one socket of a server and hands over the descriptors. How it waits is the subclass's. asyncio: `_accept_connection`. */
export abstract class Listener {
  /** @internal */ readonly _sock: Socket
  protected readonly _loop: SocketEventLoop
  protected readonly _backlog: number
  protected readonly _accepted: Accepted
  #retry: TimerHandle | null = null

  constructor(loop: SocketEventLoop, sock: Socket, backlog: number, accepted: Accepted) {
    this._loop = loop
    this._sock = sock
    this._backlog = backlog
    this._accepted = accepted
  }

  start(): void {
    this._sock.listen(this._backlog)
    this._begin()
  }

  /** Stops accepting and closes the socket. */
  close(): void {
    if (this._sock.fileno() === -1) return
    this.#retry?.cancel()
    this._end()
    this._sock.close()
  }

  /** Begins to accept. */
  protected abstract _begin(): void

  /** Ends that, while the socket is still open. */
  protected abstract _end(): void

  /** Accepting failed for a reason that the next connection will meet too: to go on at once would spin. */
  protected _pause(result: number): void {
    this._loop.callExceptionHandler({
      message: isExhaustion(result) ? 'socket.accept() out of system resource' : 'socket.accept() failed',
      exception: systemError(result, 'accept'),
      socket: new TransportSocket(this._sock),
    })
    if (this._sock.fileno() === -1) return
    this._end()
    this.#retry = this._loop.callLater(retryDelay, () => this._begin())
  }
}
