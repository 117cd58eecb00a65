import type { Socket } from 'node:net'
import type { EventLoop, Transport } from '@loop/core'
import { codedError, codedTypeError } from './coded_error.js'
import { endWriting } from './half_close.js'
import { resetOnClose } from './socket_options.js'
import { SocketProtocol } from './socket_protocol.js'
import { SocketShape } from './socket_shape.js'

/** Of a socket that is made of a connection. */
export interface LoopSocketOptions {
  /** Whether the writing half stays open when the other end has ended its own; false. */
  allowHalfOpen?: boolean | undefined
}

type Done = (error?: Error | null) => void

/**
 * A connection of the loop as `net.Socket` would be it: for clients and servers that are given one. Made by `toDuplex`,
 * `connect`, `createConnection` and `serveHttp`.
 *
 * What the socket emits is emitted in the loop's turn. An error that a listener throws is an uncaught one, as everywhere in
 * Node, and not one of the connection.
 */
export class LoopSocket extends SocketShape implements Socket {
  /** @internal between this and the transport */ readonly _protocol = new SocketProtocol(this)
  #connecting = true
  #abortConnecting: (() => void) | null = null
  #bytesRead = 0
  /** The write whose bytes the system has not all taken yet. */
  #waiting: Done | null = null
  #deferred: (() => void) | null = null
  #inFlight = 0
  #writable = true
  #ended = false
  #lost = false
  #hadError = false

  /** @internal */
  constructor({ allowHalfOpen = false }: LoopSocketOptions = {}) {
    // The event 'close' tells whether there was an error, so it is emitted here.
    super({ allowHalfOpen, emitClose: false })
  }

  override get connecting(): boolean {
    return this.#connecting
  }

  get bytesRead(): number {
    return this.#bytesRead
  }

  /** What was written, as far as it was handed over or waits to be. */
  get bytesWritten(): number {
    return this.dispatched + Math.max(0, this.writableLength - this.#inFlight)
  }

  // ---- the beginning

  /** @internal what ends the attempt to connect when the socket is destroyed meanwhile */
  _connectingBy(abort: () => void): void {
    this.#abortConnecting = abort
  }

  /** @internal what had arrived before the connection was this socket's */
  _takeEarly(data: Buffer): void {
    this.#bytesRead += data.length
    this.unshift(data)
  }

  /** @internal the connection is there; its protocol is this socket's */
  _attach(transport: Transport): void {
    this.#abortConnecting = null
    if (this.destroyed) return transport.abort()
    this.takeTransport(transport)
    // So that a write is over when the system has taken it, and 'drain' and 'finish' mean what they mean in Node.
    transport.setWriteBufferLimits({ high: 0 })
    this.#writable = transport.getWriteBufferSize() === 0
    transport.resumeReading()
    this.#connecting = false
    this.idle.refresh()
    const deferred = this.#deferred
    this.#deferred = null
    deferred?.()
  }

  /** @internal tells that the connection is there, when who made it can listen */
  _announce(): void {
    if (this.destroyed) return
    this.#emitSafely('connect')
    if (this.encrypted) this.#emitSafely('secureConnect')
    this.#emitSafely('ready')
    // What fills the buffer until somebody reads, and finds the end of the connection.
    this.read(0)
  }

  /**
   * On a socket that is connected, which all are or are about to be: emits `'connect'` for `listener` and for clients that
   * wait for it. The address in the arguments is not looked at.
   * @throws Error ERR_SOCKET_CLOSED on a closed one: make another by `createConnection`
   */
  connect(...args: unknown[]): this {
    if (this.destroyed) {
      throw codedError('ERR_SOCKET_CLOSED', 'This connection is closed: make another with createConnection()')
    }
    const listener = args.at(-1)
    if (typeof listener === 'function') this.once('connect', listener as () => void)
    // One that is on its way tells by itself.
    if (!this.#connecting) process.nextTick(() => this._announce())
    return this
  }

  // ---- what the protocol is told

  /** @internal */
  _received(data: Buffer): void {
    if (this.destroyed) return
    this.#bytesRead += data.length
    this.idle.refresh()
    try {
      if (!this.push(data)) this.transport!.pauseReading()
    } catch (error) {
      rethrow(error)
    }
  }

  /** @internal the other end sends no more */
  _endReceived(): void {
    if (this.destroyed || this.#ended) return
    this.#ended = true
    try {
      this.push(null)
      // Nobody may be reading, and then there is nothing left to wait for.
      this.read(0)
    } catch (error) {
      rethrow(error)
    }
  }

  /** @internal */
  _writingPaused(): void {
    this.#writable = false
  }

  /** @internal */
  _writingResumed(): void {
    this.#writable = true
    this.#written()
  }

  /** @internal the connection is gone */
  _lost(exc: Error | null): void {
    this.#lost = true
    if (this.destroyed) return this.#emitClose()
    if (exc !== null) return void this.destroy(exc)
    // What has arrived is still to be read, and then comes the end.
    this.#endOfWriting()
    this._endReceived()
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }

  // ---- the stream

  /** @internal */
  override _read(): void {
    if (!this.pending) this.transport!.resumeReading()
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk.length, (transport) => transport.write(chunk), done)
  }

  /** @internal */
  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const length = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0)
    this.#send(length, (transport) => transport.writelines(chunks.map(({ chunk }) => chunk)), done)
  }

  #send(length: number, write: (transport: Transport) => void, done: Done): void {
    if (this.#connecting) return this.#defer(() => this.#send(length, write, done), done)
    const transport = this.transport!
    if (transport.isClosing()) return done(endedByOther())
    this.#inFlight = length
    this.dispatched += length
    this.#waiting = done
    this.idle.refresh()
    try {
      write(transport)
    } catch (error) {
      return this.#written(error as Error)
    }
    if (this.#writable) this.#written()
  }

  #written(error?: Error): void {
    const done = this.#waiting
    this.#waiting = null
    this.#inFlight = 0
    this.idle.refresh()
    done?.(error)
  }

  /** @internal */
  override _final(done: Done): void {
    if (this.#connecting) return this.#defer(() => this._final(done), done)
    const transport = this.transport!
    try {
      endWriting(transport)
      process.nextTick(done)
    } catch (error) {
      done(error as Error)
    }
  }

  /** Until there is a connection; one thing at a time, as a stream has it. */
  #defer(action: () => void, done: Done): void {
    this.#deferred = action
    this.#waiting = done
  }

  #endOfWriting(): void {
    if (this.#waiting !== null) this.#written(endedByOther())
  }

  // ---- the end

  /** Ends it when everything that was written has left. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /**
   * Ends it at once, by a reset (RST).
   * @throws TypeError ERR_INVALID_HANDLE_TYPE where it is no connection over TCP
   */
  resetAndDestroy(): this {
    if (this.destroyed) return this
    if (this.#connecting) {
      this.once('connect', () => this.resetAndDestroy())
      return this
    }
    if (!resetOnClose(this.transport!)) {
      throw codedTypeError('ERR_INVALID_HANDLE_TYPE', 'Only a connection over TCP can be reset')
    }
    return this.destroy()
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#hadError = error !== null
    this.#connecting = false
    this.idle.clear()
    this.#abortConnecting?.()
    this.#abortConnecting = null
    const { transport } = this
    // Everything that was written has left, or is not worth sending any more.
    if (transport !== null && this.writableFinished && error === null) transport.close()
    else transport?.abort()
    this.#waiting?.(error ?? codedError('ERR_STREAM_DESTROYED', 'The connection was closed before this was written'))
    this.#waiting = null
    done(error)
    // The end of a closed loop's connections is told to nobody.
    if (transport === null || this.#lost || loopOf(transport)?.isClosed()) this.#emitClose()
  }

  #emitClose(): void {
    process.nextTick(() => this.emit('close', this.#hadError))
  }

  /** An error of a listener's is the program's. */
  #emitSafely(event: string): void {
    try {
      this.emit(event)
    } catch (error) {
      rethrow(error)
    }
  }
}

/** Thrown where nobody catches it, in place of in the loop, which would take it for an error of the connection. */
function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function loopOf(transport: Transport & { _loop?: EventLoop }): EventLoop | undefined {
  return transport._loop
}

function endedByOther(): Error {
  return codedError('EPIPE', 'This socket has been ended by the other party')
}
