import { systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { TimerHandle } from '../loop/timer_handle.js'
import type { Socket } from '../sockets/socket.js'
import { TransportSocket } from '../sockets/transport_socket.js'
import { isExhaustion, isLostConnection, isTransient } from './errno.js'

/** Milliseconds without accepting after the system ran out of descriptors or memory. */
const retryDelay = 1000

/** Accepts on one socket of a server and hands over the descriptors. asyncio: `_accept_connection`. */
export class Listener {
  /** @internal */ readonly _sock: Socket
  readonly #loop: SocketEventLoop
  readonly #backlog: number
  readonly #accepted: (listening: Socket, fd: number) => void
  #retry: TimerHandle | null = null

  constructor(loop: SocketEventLoop, sock: Socket, backlog: number, accepted: (listening: Socket, fd: number) => void) {
    this.#loop = loop
    this._sock = sock
    this.#backlog = backlog
    this.#accepted = accepted
  }

  start(): void {
    this._sock.listen(this.#backlog)
    this.#watch()
  }

  /** Stops accepting and closes the socket. */
  close(): void {
    const fd = this._sock.fileno()
    if (fd === -1) return
    this.#retry?.cancel()
    this.#loop._removeReader(fd)
    this._sock.close()
  }

  #watch(): void {
    this.#retry = null
    this.#loop._addReader(this._sock.fileno(), acceptReady, this)
  }

  /** @internal as many as the kernel can have queued, so that other work has its turn while clients storm in */
  _acceptReady(): void {
    const ops = this._sock._ops
    for (let left = this.#backlog + 1; left > 0; left--) {
      // What is accepted may close the server.
      const listening = this._sock.fileno()
      if (listening === -1) return
      const fd = ops.accept(listening)
      if (fd >= 0) this.#accepted(this._sock, fd)
      else if (isTransient(fd)) return
      else if (!isLostConnection(fd)) return this.#pause(fd, listening)
    }
  }

  /** The socket stays readable as long as somebody waits in it: watching it now would spin. */
  #pause(result: number, listening: number): void {
    this.#loop.callExceptionHandler({
      message: isExhaustion(result) ? 'socket.accept() out of system resource' : 'socket.accept() failed',
      exception: systemError(result, 'accept'),
      socket: new TransportSocket(this._sock),
    })
    if (this._sock.fileno() === -1) return
    this.#loop._removeReader(listening)
    this.#retry = this.#loop.callLater(retryDelay, () => this.#watch())
  }
}

function acceptReady(listener: Listener): void {
  listener._acceptReady()
}
