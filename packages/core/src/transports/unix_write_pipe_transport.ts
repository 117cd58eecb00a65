import { currentBackend } from '../backend/load.js'
import { errno } from '../errors/errno.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants as numbers } from '../sockets/constants.js'
import { isTransient } from './errno.js'
import type { PipeFile } from './pipe_file.js'
import type { StreamingProtocol } from './protocols.js'
import { WritePipeTransport } from './write_pipe_transport.js'

const nothing = new Uint8Array(0)

/** The writing end of a pipe, FIFO, terminal, character device or socket. asyncio: `_UnixWritePipeTransport`. */
export class UnixWritePipeTransport extends WritePipeTransport<PipeFile> {
  /** @internal use `loop.connectWritePipe` */
  constructor(loop: SocketEventLoop, pipe: PipeFile, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    super(loop, pipe, protocol, waiter)
  }

  /** @internal nothing is ever read; the error that makes a descriptor "readable" tells that nobody reads it any more */
  override _startReading(): void {
    if (this.#tellsOfItsReader()) super._startReading()
  }

  /** A FIFO that is open for reading too is readable for the data in it, and always has a reader: itself. */
  #tellsOfItsReader(): boolean {
    if (this._sock.kind === 'other') return false
    return this._sock.kind === 'socket' || this._sock._ops.recv(this._fd, nothing, 0, 0, 0) === -errno.EBADF
  }

  /** @internal */
  override _readReady(): boolean {
    if (this._connLost !== 0 || (this._sock.kind === 'socket' && this.#peerStillThere())) return false
    this._readerLeft()
    return false
  }

  #peerStillThere(): boolean {
    const count = currentBackend().sockets.recv(this._fd, peeked, 0, peeked.length, numbers['MSG_PEEK']!)
    // What the peer sent stays readable for ever, and hides its end: then only a write will tell.
    if (count > 0) this._stopReading()
    return count > 0 || (count < 0 && isTransient(count))
  }
}

const peeked = new Uint8Array(1)
