import {
  ByteLengthQueuingStrategy,
  type ReadableByteStreamController,
  ReadableStream,
  type UnderlyingByteSource,
  WritableStream,
  type WritableStreamDefaultController,
} from 'node:stream/web'
import type { Protocol } from '@loop/core'
import { codedError } from './coded_error.js'
import { endWriting } from './half_close.js'
import { type Connection, type Taken, take } from './taken.js'

/** Bytes that are received before somebody asks for them: a pause for each read would cost two system calls. */
const readAhead = 64 * 1024

/** A connection as the streams of the web. */
export interface WebStreams {
  /** Of bytes: it can be read into memory of the reader's own. Cancelling it ends the connection. */
  readable: ReadableStream<Uint8Array>
  /** Takes bytes, and makes who waits for `ready` or `write` wait while the connection does not take them. */
  writable: WritableStream<Uint8Array>
}

/**
 * A connection of the loop as streams of the web, with backpressure both ways: no more than 64 KiB are received that nobody has asked for. The
 * connection is theirs from then on. It ends when both have, or when one of them is cancelled or aborted.
 * @param connection a transport, or `[reader, writer]`
 * @throws TypeError, LoopError for a connection that is closing
 */
export function toWeb(connection: Connection): WebStreams {
  const { readable, writable } = new WebProtocol(connection)
  return { readable, writable }
}

/** Stands between a transport and the two streams. */
class WebProtocol implements Protocol {
  /** @internal */ readonly _halfOpen = true
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly #taken: Taken
  #reading!: ReadableByteStreamController
  #writing!: WritableStreamDefaultController
  /** Which of the two go on. */
  #readable = true
  #writable = true
  #lost = false
  #exception: Error | null = null
  #drained: (() => void) | null = null
  #paused = false
  /** What waits for the end of the connection. */
  #gone: (() => void) | null = null

  constructor(connection: Connection) {
    this.#taken = take(connection, this)
    const { transport, early, ended } = this.#taken
    transport.setWriteBufferLimits({ high: 0 })
    this.#paused = transport.getWriteBufferSize() > 0
    const source: UnderlyingByteSource = {
      type: 'bytes',
      start: (controller) => {
        this.#reading = controller
      },
      pull: () => transport.resumeReading(),
      cancel: () => this.#cancel(),
    }
    this.readable = new ReadableStream(source, { highWaterMark: readAhead })
    this.writable = new WritableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#writing = controller
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#closeWriting(),
        abort: () => this.#abort(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: 1 }),
    )
    if (early.length > 0) this.dataReceived(early)
    if (ended) this.eofReceived()
  }

  // ---- the protocol

  dataReceived(data: Buffer): void {
    if (!this.#readable) return
    // The stream takes memory away from who gives it, so that must be nobody else's.
    const whole = data.byteLength === data.buffer.byteLength
    this.#reading.enqueue(whole ? new Uint8Array(data.buffer) : new Uint8Array(data))
    if (this.#reading.desiredSize! <= 0) this.#taken.transport.pauseReading()
  }

  eofReceived(): boolean {
    this.#endReading()
    return this.#writable
  }

  pauseWriting(): void {
    this.#paused = true
  }

  resumeWriting(): void {
    this.#paused = false
    this.#drained?.()
  }

  connectionLost(exc: Error | null): void {
    this.#lost = true
    this.#exception = exc
    if (exc === null) this.#endReading()
    else if (this.#readable) {
      this.#readable = false
      this.#reading.error(exc)
    }
    if (this.#writable) this.#writing.error(exc ?? connectionEnded())
    this.#writable = false
    this.#drained?.()
    this.#gone?.()
    this.#taken.former?.connectionLost?.(exc)
  }

  // ---- the readable

  #endReading(): void {
    if (!this.#readable) return
    this.#readable = false
    this.#reading.close()
    // A reader with memory of its own waits until it gets that back.
    this.#reading.byobRequest?.respond(0)
    this.#endIfBothHave()
  }

  #cancel(): Promise<void> | void {
    this.#readable = false
    return this.#abort()
  }

  // ---- the writable

  #write(chunk: Uint8Array): Promise<void> | void {
    const { transport } = this.#taken
    if (transport.isClosing()) throw this.#exception ?? connectionEnded()
    transport.write(chunk)
    if (!this.#paused) return
    return new Promise((resolve) => {
      this.#drained = resolve
    })
  }

  #closeWriting(): Promise<void> | void {
    this.#writable = false
    endWriting(this.#taken.transport)
    return this.#endIfBothHave()
  }

  // ---- the end

  #endIfBothHave(): Promise<void> | void {
    if (this.#readable || this.#writable || this.#lost) return
    this.#taken.transport.close()
  }

  #abort(): Promise<void> | void {
    this.#writable = false
    if (this.#lost) return
    this.#taken.transport.abort()
    return new Promise((resolve) => {
      this.#gone = resolve
    })
  }
}

function connectionEnded(): Error {
  return codedError('EPIPE', 'The connection was closed')
}
