import { systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { bytesOf } from '../sockets/data.js'
import type { FileDescriptor } from '../sockets/file_descriptor.js'
import type { Socket } from '../sockets/socket.js'
import { DescriptorTransport, type TransportFile, type TransportOwner } from './descriptor_transport.js'
import { isTransient } from './errno.js'
import { checkedBuffer } from './flow_control.js'
import { Inbox, ReadSlab } from './inbox.js'
import type { BaseProtocol, BufferedProtocol, Protocol, StreamingProtocol } from './protocols.js'
import type { StreamChannel } from './stream_channel.js'
import type { Data } from './transport.js'
import { type Outbox, WriteQueue } from './write_queue.js'

/** How a stream's descriptor is read and written, for errors. */
export interface Syscalls {
  readonly read: string
  readonly write: string
}

/** A buffered protocol that takes more than its buffer holds when more has come. */
export interface Greedy {
  /** How many times its buffer may be filled in one turn; once if left out. */
  readonly _mostReads?: number
}

/**
 * A stream of bytes, whatever it goes through and whatever its loop waits with: a write is tried at once and only what is
 * left of it is buffered. What comes, and what is buffered, goes through its channel. asyncio: `_SelectorSocketTransport`,
 * `_ProactorSocketTransport`.
 */
export abstract class StreamTransport<F extends TransportFile = Socket> extends DescriptorTransport<F> {
  /** @internal */ declare readonly _loop: SocketEventLoop
  declare _protocol: StreamingProtocol
  protected readonly _channel: StreamChannel
  readonly #inbox: Inbox
  #queue: Outbox | null = null
  #buffered: boolean

  /**
   * @param waiter gets its result after `connectionMade` was called
   * @param whole each read is offered as much memory as there is; see `Inbox`
   */
  protected constructor(
    loop: SocketEventLoop,
    sock: F,
    protocol: StreamingProtocol,
    waiter: Future<void> | null,
    owner: TransportOwner | null = null,
    whole = false,
  ) {
    super(loop, sock, protocol, owner)
    this._channel = loop._openChannel(this as AnyStreamTransport)
    this.#inbox = new Inbox(ReadSlab.of(loop), whole)
    this.#buffered = isBuffered(protocol)
    this._beginSoon(waiter)
  }

  /** For errors and reports: `'socket transport'`, ... */
  protected abstract get _kind(): string

  protected abstract get _syscalls(): Syscalls

  override setProtocol(protocol: BaseProtocol): void {
    super.setProtocol(protocol)
    this.#buffered = isBuffered(protocol)
  }

  // ---- reading

  /** @internal */
  override _startReading(): void {
    this._channel.startReading(this as AnyStreamTransport)
  }

  /** @internal */
  override _stopReading(): void {
    this._channel.stopReading(this as AnyStreamTransport)
  }

  /** @internal there is something to read; whether something came */
  _readReady(): boolean {
    if (this._connLost !== 0) return false
    if (this.#buffered) return this._readInto(this._protocol as BufferedProtocol)
    const protocol = this._protocol as Protocol
    const data = this._receive()
    if (typeof data === 'number') return this._noData(data)
    try {
      protocol.dataReceived?.(data)
    } catch (exception) {
      this._fatalError(exception as Error, 'Fatal error: protocol.dataReceived() call failed.')
    }
    return true
  }

  private _readInto(protocol: BufferedProtocol & Greedy): boolean {
    for (let reads = 1; ; reads++) {
      let buffer: Uint8Array
      try {
        buffer = checkedBuffer(protocol.getBuffer(-1))
      } catch (exception) {
        this._fatalError(exception as Error, 'Fatal error: protocol.getBuffer() call failed.')
        return false
      }
      const count = this._receiveInto(buffer)
      if (count <= 0) return this._noData(count)
      try {
        protocol.bufferUpdated(count)
      } catch (exception) {
        this._fatalError(exception as Error, 'Fatal error: protocol.bufferUpdated() call failed.')
      }
      if (count < buffer.length || reads >= (protocol._mostReads ?? 1)) return true
      if (this._protocol !== protocol || !this.isReading()) return true
    }
  }

  /** What came, the receiver's to keep; 0 at the end, or -errno. */
  protected _receive(): Buffer | number {
    return this.#inbox.receive(this._sock._ops, this._fd)
  }

  /** How much of `buffer` was filled; 0 at the end, or -errno. */
  protected _receiveInto(buffer: Uint8Array): number {
    return this._sock._ops.recv(this._fd, buffer, 0, buffer.length, 0)
  }

  /** @internal a read by the channel brought bytes, 0 at the end, or -errno */
  _received(result: Buffer | number): void {
    if (this._connLost !== 0) return
    if (typeof result === 'number') this._noData(result)
    else for (let rest: Buffer | null = result; rest !== null && !this._closing; ) rest = this._callDataReceived(rest)
  }

  private _noData(result: number): boolean {
    if (result === 0) this._endOfStream()
    else if (!isTransient(result)) this._readFailed(result)
    return false
  }

  /** A read gave `-errno`. */
  protected _readFailed(result: number): void {
    this._fatalError(systemError(result, this._syscalls.read), `Fatal read error on ${this._kind}`)
  }

  protected _endOfStream(): void {
    let keepOpen: boolean | undefined | void
    try {
      keepOpen = this._protocol.eofReceived?.()
    } catch (exception) {
      return this._fatalError(exception as Error, 'Fatal error: protocol.eofReceived() call failed.')
    }
    // The end stays readable for ever; only writing is of interest from now on.
    if (keepOpen && this.canWriteEof()) this._stopReading()
    else this.close()
  }

  // ---- writing

  override write(data: Data): void {
    const bytes = bytesOf(data)
    this._mustBeWritable('write')
    const length = bytes.length
    if (length === 0) return
    if (this._connLost !== 0) return this._tooLate()
    let sent = 0
    if (this.#queue === null || this.#queue.size === 0) {
      sent = this._sock._ops.send(this._fd, bytes, 0, length, 0)
      if (sent === length) return
      if (sent < 0) {
        if (!isTransient(sent)) return this._refused(sent, length)
        sent = 0
      }
    }
    // A string's bytes were made for this call; others are the caller's to reuse.
    const rest = sent === 0 ? bytes : bytes.subarray(sent)
    this._enqueue(bytes === data ? Buffer.from(rest) : rest)
    this._maybePauseProtocol()
  }

  override writelines(chunks: Iterable<Data>): void {
    const list = Array.from(chunks, bytesOf).filter((bytes) => bytes.length > 0)
    for (const bytes of this._sendAll('writelines', list)) this._enqueue(Buffer.from(bytes))
    this._maybePauseProtocol()
  }

  /** @internal as `writelines`; the memory is the transport's from now on, and no chunk is empty */
  _writeOwned(chunks: Uint8Array[]): void {
    for (const bytes of this._sendAll('write', chunks)) this._enqueue(bytes)
    this._maybePauseProtocol()
  }

  /** What is left to be buffered. */
  private _sendAll(method: string, list: Uint8Array[]): Uint8Array[] {
    this._mustBeWritable(method)
    if (list.length === 0) return list
    if (this._connLost !== 0) {
      this._tooLate()
      return []
    }
    return this.#queue === null || this.#queue.size === 0 ? this._sendNow(list) : list
  }

  /** Sends as many as the system takes without waiting; what is left over. */
  private _sendNow(list: Uint8Array[]): Uint8Array[] {
    let first = 0
    let offset = 0
    while (first < list.length) {
      let sent = this._sendOnce(list, first, offset)
      if (sent < 0) {
        if (isTransient(sent)) break
        this._writeFailed(sent)
        return []
      }
      for (sent += offset; first < list.length && sent >= list[first]!.length; first++) sent -= list[first]!.length
      offset = sent
    }
    if (first === list.length) return []
    return [list[first]!.subarray(offset), ...list.slice(first + 1)]
  }

  private _sendOnce(list: Uint8Array[], first: number, offset: number): number {
    if (list.length - first > 1) return this._sock._ops.sendv(this._fd, list, first, offset)
    const only = list[first]!
    return this._sock._ops.send(this._fd, only, offset, only.length - offset, 0)
  }

  override getWriteBufferSize(): number {
    return this.#queue === null ? 0 : this.#queue.size
  }

  protected override _clearWriteBuffer(): void {
    this.#queue?.clear()
  }

  /** @internal */
  override _stopWriting(): void {
    this._channel.stopWriting(this as AnyStreamTransport)
  }

  /** @internal there is room: sends as much of the queue as the system takes */
  _writeReady(): void {
    if (this._connLost === 0 && this.#queue !== null) this._written(this.#queue.send(this._sock._ops, this._fd))
  }

  /** @internal what waits to be sent, for the channel */
  get _queue(): Outbox | null {
    return this.#queue
  }

  /** @internal so much of the queue was sent, and is out of it; or -errno */
  _written(sent: number): void {
    if (sent < 0) {
      if (!isTransient(sent)) this._writeFailed(sent)
      return
    }
    // May write more, or abort.
    this._maybeResumeProtocol()
    if (this.getWriteBufferSize() > 0 || this._connLost !== 0) return
    this._stopWriting()
    this._flushed()
    if (!this._closing || this._connLost !== 0) return
    this._connLost++
    this._callConnectionLost(null)
  }

  /** @param fds travel beside the first of the bytes, where the transport can do that; its own from now on */
  protected _enqueue(bytes: Uint8Array, fds?: readonly FileDescriptor[]): void {
    this.#queue ??= this._newQueue()
    const wasEmpty = this.#queue.size === 0
    this.#queue.push(bytes, fds)
    if (!wasEmpty) return
    try {
      this._channel.startWriting(this as AnyStreamTransport)
    } catch (error) {
      // A descriptor beyond what the mechanism can watch: the caller is told, and nothing stays behind.
      this.#queue.clear()
      throw error
    }
  }

  protected _newQueue(): Outbox {
    return new WriteQueue()
  }

  /** A write of `length` bytes got `-errno` while its caller can still be told. */
  protected _refused(result: number, _length: number): void {
    this._writeFailed(result)
  }

  protected _writeFailed(result: number): void {
    this._fatalError(systemError(result, this._syscalls.write), `Fatal write error on ${this._kind}`)
  }

  /** Throws where `method` may not be called now. */
  protected abstract _mustBeWritable(method: string): void

  /** What was buffered has left. */
  protected abstract _flushed(): void
}

/** @internal */
export type AnyStreamTransport = StreamTransport<TransportFile>

function isBuffered(protocol: BaseProtocol): boolean {
  return typeof (protocol as Partial<BufferedProtocol>).getBuffer === 'function'
}
