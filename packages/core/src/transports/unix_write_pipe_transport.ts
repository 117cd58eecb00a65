import { currentBackend } from '../backend/load.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants as numbers } from '../sockets/constants.js'
import { bytesOf } from '../sockets/data.js'
import { isTransient } from './errno.js'
import type { PipeFile } from './pipe_file.js'
import type { StreamingProtocol } from './protocols.js'
import { StreamTransport, type Syscalls } from './stream_transport.js'
import type { Data } from './transport.js'

const syscalls: Syscalls = { read: 'poll', write: 'write' }
const nothing = new Uint8Array(0)

/**
 * The writing end of a pipe, FIFO, terminal, character device or socket. `connectionLost` as soon as the last reader has
 * gone: with null, or with EPIPE if something was still buffered. asyncio: `_UnixWritePipeTransport`.
 */
export class UnixWritePipeTransport extends StreamTransport<PipeFile> {
  /** @internal use `loop.connectWritePipe` */
  constructor(loop: SocketEventLoop, pipe: PipeFile, protocol: StreamingProtocol, waiter: Future<void> | null = null) {
    super(loop, pipe, protocol, waiter)
  }

  /** `'pipe'`: what it was made of. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    return name === 'pipe' ? this._sock.file : fallback
  }

  /** After `close` or `writeEof` it is dropped. */
  override write(data: Data): void {
    if (!this._closing) return super.write(data)
    bytesOf(data)
    if (this._connLost !== 0) this._tooLate()
  }

  override writelines(chunks: Iterable<Data>): void {
    if (!this._closing) return super.writelines(chunks)
    Array.from(chunks, bytesOf)
    if (this._connLost !== 0) this._tooLate()
  }

  override canWriteEof(): boolean {
    return true
  }

  /** The reader sees the end when the descriptor is closed, so it is the same as `close`. */
  override writeEof(): void {
    this.close()
  }

  protected override get _kind(): string {
    return 'write pipe transport'
  }

  protected override get _syscalls(): Syscalls {
    return syscalls
  }

  protected override _mustBeWritable(): void {}
  protected override _flushed(): void {}

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
    this._forceClose(this.getWriteBufferSize() > 0 ? systemError(-errno.EPIPE, 'write') : null)
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
