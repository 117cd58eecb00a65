import { LoopError, systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'
import type { TransportOwner } from './descriptor_transport.js'
import type { StreamingProtocol } from './protocols.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'

const syscalls: Syscalls = { read: 'recv', write: 'send' }

/** A stream socket on a selector loop. asyncio: `_StreamSocketTransport`. */
export class StreamSocketTransport extends StreamTransport {
  #eof = false
  #emptyWaiter: Future<void> | null = null
  #onLost: (() => void) | null = null
  /** @internal a duplicate of the descriptor, which goes with it: the connection would live on otherwise */
  _duplicate: { destroy(): void } | null = null

  /**
   * @internal use `createConnection` and its kin
   * @param waiter gets its result after `connectionMade` was called
   */
  constructor(
    loop: SocketEventLoop,
    sock: Socket,
    protocol: StreamingProtocol,
    waiter: Future<void> | null = null,
    owner: TransportOwner | null = null,
  ) {
    super(loop, sock, protocol, waiter, owner)
    setNoDelay(sock)
  }

  protected override get _kind(): string {
    return 'socket transport'
  }

  protected override get _syscalls(): Syscalls {
    return syscalls
  }

  override canWriteEof(): boolean {
    return true
  }

  override writeEof(): void {
    if (this._closing || this.#eof) return
    this.#eof = true
    if (this.getWriteBufferSize() === 0) this._shutdown()
  }

  private _shutdown(): void {
    const result = this._sock._ops.shutdown(this._fd, constants['SHUT_WR']!)
    // The peer may have reset the connection meanwhile: reading tells.
    if (result < 0 && result !== -constants['ENOTCONN']!)
      this._fatalError(systemError(result, 'shutdown'), 'Fatal error on shutdown')
  }

  protected override _mustBeWritable(method: string): void {
    if (this.#eof) throw new LoopError(`Cannot call ${method}() after writeEof()`, 'ERR_LOOP_STATE')
    if (this.#emptyWaiter !== null)
      throw new LoopError(`Cannot call ${method}(): sendfile is in progress`, 'ERR_LOOP_STATE')
  }

  protected override _freeDescriptor(): void {
    super._freeDescriptor()
    this._duplicate?.destroy()
  }

  protected override _flushed(): void {
    if (this.#emptyWaiter !== null && !this.#emptyWaiter.done()) this.#emptyWaiter.setResult()
    if (this.#eof && !this._closing) this._shutdown()
  }

  // ---- for sendfile, which writes past the buffer

  /**
   * @internal done when everything that was written before is sent; until `_releaseWriting` nobody else may write
   * @param onLost called when the connection is lost in the meantime, before its descriptor is closed
   */
  _holdWriting(onLost: () => void): Future<void> {
    if (this.#emptyWaiter !== null) throw new LoopError('sendfile is in progress on this transport', 'ERR_LOOP_STATE')
    const waiter = this._loop.createFuture<void>()
    this.#emptyWaiter = waiter
    this.#onLost = onLost
    if (this.getWriteBufferSize() === 0) waiter.setResult()
    return waiter
  }

  /** @internal */
  _releaseWriting(): void {
    this.#emptyWaiter = null
    this.#onLost = null
  }

  /** @internal */
  override _callConnectionLost(exception: Error | null): void {
    this.#onLost?.()
    try {
      super._callConnectionLost(exception)
    } finally {
      const waiter = this.#emptyWaiter
      if (waiter !== null && !waiter.done()) waiter.setException(exception ?? connectionClosed())
    }
  }
}

/** What those who wait for a connection get when the peer has ended it. */
export function connectionClosed(): Error {
  return systemError(-constants['ECONNRESET']!, 'send', { message: 'Connection is closed by peer' })
}

const on = new Uint8Array(Int32Array.of(1).buffer)

/** Small writes leave at once instead of waiting for the peer's acknowledgement (Nagle's algorithm). */
function setNoDelay(sock: Socket): void {
  const { AF_INET, AF_INET6, SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY } = constants
  if (sock.type !== SOCK_STREAM || (sock.family !== AF_INET && sock.family !== AF_INET6)) return
  // Fails where the peer has reset the connection already, which reading will tell.
  if (sock.proto === 0 || sock.proto === IPPROTO_TCP)
    sock._ops.setsockopt(sock.fileno(), IPPROTO_TCP!, TCP_NODELAY!, on)
}
