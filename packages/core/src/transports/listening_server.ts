import { inspect } from 'node:util'
import { CancelledError, LoopError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { EventLoop } from '../loop/event_loop.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Socket } from '../sockets/socket.js'
import { TransportSocket } from '../sockets/transport_socket.js'
import { type Abortable, abortable } from '../tasks/abortable.js'
import { acceptTls } from '../tls/join_tls.js'
import type { TlsSettings } from '../tls/tls_settings.js'
import type { TransportOwner } from './descriptor_transport.js'
import type { Listener } from './listener.js'
import type { StreamingProtocol } from './protocols.js'
import { Server } from './server.js'
import { socketTransport } from './socket_transport.js'
import type { Transport } from './transport.js'

/** A server of a selector loop. */
export class ListeningServer extends Server implements TransportOwner {
  readonly #loop: SocketEventLoop
  readonly #protocolFactory: () => StreamingProtocol
  readonly #clients = new Set<Transport>()
  /** Connections that have no protocol yet. */
  readonly #accepted = new Set<Socket>()
  readonly #tls: TlsSettings | null
  readonly #onClose: () => void
  #listeners: Listener[] | null
  #serving = false
  #forever: Future<void> | null = null
  #waiters: Future<void>[] = []

  /**
   * @internal use `createServer`
   * @param sockets bound; the server's from now on
   * @param tls how connections go over TLS; null: not at all
   * @param onClose what else there is to do when the sockets are closed
   */
  constructor(
    loop: SocketEventLoop,
    sockets: readonly Socket[],
    protocolFactory: () => StreamingProtocol,
    backlog: number,
    tls: TlsSettings | null = null,
    onClose: () => void = () => {},
  ) {
    super()
    this.#loop = loop
    this.#protocolFactory = protocolFactory
    this.#onClose = onClose
    this.#tls = tls
    const accepted = (listening: Socket, fd: number) => {
      const sock = listening._accepted(fd)
      this.#accepted.add(sock)
      loop.callSoon(establish, this, sock)
    }
    this.#listeners = sockets.map((sock) => loop._openListener(sock, backlog, accepted))
    loop._servers.add(this)
  }

  /** The listening sockets; none after `close`. */
  override get sockets(): TransportSocket[] {
    return (this.#listeners ?? []).map((listener) => new TransportSocket(listener._sock))
  }

  override getLoop(): EventLoop {
    return this.#loop
  }

  override isServing(): boolean {
    return this.#serving
  }

  /** Begins to listen, if it does not yet. */
  override async startServing(): Promise<void> {
    this._listen()
    // Who goes on from here can count on it: the loop watches the sockets. Not sleep(): the loop may not run yet.
    const watched = this.#loop.createFuture<void>()
    this.#loop.callSoon(setUnlessDone, watched)
    await watched
  }

  /**
   * Accepts until its task is cancelled (or `signal` aborts), then closes the server and its connections, waits until
   * they are gone and ends with `CancelledError`. After `close()` from elsewhere it ends with `CancelledError` too.
   * @throws LoopError if it is closed, or served so already
   */
  override async serveForever(options: Abortable = {}): Promise<void> {
    if (this.#forever !== null) {
      throw new LoopError('The server is already being awaited on serveForever()', 'ERR_LOOP_STATE')
    }
    this._listen()
    const forever = this.#loop.createFuture<void>()
    this.#forever = forever
    try {
      await abortable(forever, options.signal)
    } catch (error) {
      if (error instanceof CancelledError) {
        this.close()
        this.closeClients()
        await this.waitClosed()
      }
      throw error
    } finally {
      this.#forever = null
    }
  }

  /** Stops listening; connections that were accepted stay. Idempotent. */
  override close(): void {
    if (!this.#closeListeners()) return
    const accepted = [...this.#accepted]
    // The loop closes its servers when it is closed itself, and then nobody can be woken.
    if (this.#loop.isClosed()) {
      for (const sock of accepted) sock.close()
      return
    }
    // Now, so that who closes the clients next finds them.
    for (const sock of accepted) this._establish(sock)
    this.#forever?.cancel()
    if (this.#clients.size === 0) this.#wakeUp()
  }

  override closeClients(): void {
    for (const transport of [...this.#clients]) transport.close()
  }

  override abortClients(): void {
    for (const transport of [...this.#clients]) transport.abort()
  }

  /** Waits until it was closed and every connection that it accepted is gone, in whichever order. */
  override async waitClosed(options: Abortable = {}): Promise<void> {
    if (this.#listeners === null && this.#clients.size === 0) return
    const waiter = this.#loop.createFuture<void>()
    this.#waiters.push(waiter)
    await abortable(waiter, options.signal)
  }

  /** @internal */
  _attach(transport: Transport): void {
    this.#clients.add(transport)
  }

  /** @internal */
  _detach(transport: Transport): void {
    this.#clients.delete(transport)
    if (this.#listeners === null && this.#clients.size === 0) this.#wakeUp()
  }

  /** @internal */
  _listen(): void {
    if (this.#listeners === null) throw new LoopError('The server is closed', 'ERR_LOOP_STATE')
    if (this.#serving) return
    this.#serving = true
    for (const listener of this.#listeners) listener.start()
  }

  /** @internal a connection came; asyncio makes its protocol in the pass after, and so does this */
  _establish(sock: Socket): void {
    if (!this.#accepted.delete(sock)) return
    try {
      const protocol = this.#protocolFactory()
      if (this.#tls === null) socketTransport(this.#loop, sock, protocol, null, this)
      else acceptTls(this.#loop, sock, protocol, this.#tls, this)
    } catch (exception) {
      sock.close()
      this.#loop.callExceptionHandler({
        message: 'Error on transport creation for incoming connection',
        exception: exception as Error,
        socket: new TransportSocket(sock),
      })
    }
  }

  #closeListeners(): boolean {
    const listeners = this.#listeners
    if (listeners === null) return false
    this.#listeners = null
    this.#serving = false
    this.#loop._servers.delete(this)
    for (const listener of listeners) listener.close()
    this.#onClose()
    return true
  }

  #wakeUp(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) if (!waiter.done()) waiter.setResult()
  }

  [inspect.custom](): string {
    const state = this.#listeners === null ? 'closed' : this.#serving ? 'serving' : 'not serving'
    return `<Server ${state} sockets=${inspect(this.sockets)} connections=${this.#clients.size}>`
  }
}

function setUnlessDone(future: Future<void>): void {
  if (!future.done()) future.setResult()
}

function establish(server: ListeningServer, sock: Socket): void {
  server._establish(sock)
}
