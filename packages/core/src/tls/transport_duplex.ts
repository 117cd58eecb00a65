import { Duplex } from 'node:stream'
import type { SocketOps } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import type { StreamWrapper } from './stream_wrapper.js'
import { type WireEvents, WireReader, type WireTransport } from './wire_reader.js'

type Sent = (error?: Error | null) => void

/** Bytes; less is no burden to the collector. */
const worthReleasing = 4096

/**
 * What `node:tls` reads encrypted bytes from and writes them to: a transport, seen as a stream. It never fails as a stream: how the
 * connection ended is told to its owner alone.
 *
 * It is a stream by its outside only. The transport and the engine have buffers and flow control of their own, and a
 * third set between them cost a quarter of what a small message costs; so bytes pass straight through.
 */
export class TransportDuplex extends Duplex {
  /** @internal the protocol of the transport */
  readonly _reader: WireReader
  readonly #ops: SocketOps = currentBackend().sockets
  #corked = false
  #chunks: Uint8Array[] = []
  #wrapper: StreamWrapper | null = null
  /** The engine's current write, which the wrapper is to be told the end of. */
  #request: object | null = null
  #depth = 0

  constructor(events: WireEvents) {
    super()
    this._reader = new WireReader(events, {
      receive: (data) => this.#receive(data),
      end: () => {
        if (!this.destroyed) this.emit('end')
      },
    })
  }

  /** @internal what was written before there was a transport can leave */
  _begin(): void {
    this._enter()
    this.#flush()
    this._leave()
  }

  /** @internal bytes and the ends of writes go through `wrapper`, and no longer through what Node has put before it */
  _goPast(wrapper: StreamWrapper): void {
    this.#wrapper = wrapper
    wrapper.onwrite = (request, chunks) => {
      const { transport } = this._reader
      if (transport === null) this.#chunks.push(...chunks)
      else this.#send(transport, chunks)
      this.#release(chunks)
      this.#request = request
      // The engine writes of itself, in a turn of the host.
      if (this.#depth === 0) setImmediate(() => this.#finishWrite())
      return 0
    }
  }

  #receive(data: Buffer): void {
    if (this.destroyed) return
    this._enter()
    try {
      if (this.#wrapper === null) this.emit('data', data)
      else this.#wrapper.readBuffer(data)
    } finally {
      this._leave()
    }
  }

  // ---- the stream's side

  override pause(): this {
    this._reader.pause()
    return this
  }

  override resume(): this {
    this._reader.resume()
    return this
  }

  override cork(): void {
    this.#corked = true
  }

  override uncork(): void {
    this.#corked = false
    this.#flush()
  }

  /** The transport takes everything: who writes is told by the transport's own flow control when it was too much. */
  override write(chunk: Uint8Array, sent?: Sent | BufferEncoding): boolean {
    this.#chunks.push(chunk)
    if (!this.#corked) this.#flush()
    if (typeof sent === 'function') sent()
    return true
  }

  /** Nothing comes this way: `write` hands everything on. */
  override _write(_chunk: unknown, _encoding: BufferEncoding, sent: Sent): void {
    sent()
  }

  /** The engine has its first message before there is a transport for it. */
  #flush(): void {
    const { transport } = this._reader
    const chunks = this.#chunks
    if (transport === null || chunks.length === 0) return
    this.#chunks = []
    this.#send(transport, chunks)
  }

  #send(transport: WireTransport, chunks: Uint8Array[]): void {
    if (transport.isClosing()) return
    try {
      transport._writeOwned(chunks)
    } catch (error) {
      // Whoever kept the plain transport has ended its writing half: no TLS can go on over that.
      transport._forceClose(error as Error)
    }
  }

  /**
   * The wrapper makes a copy of each write, and nobody else ever sees it. Left to the collector these make most of its work: a
   * twentieth of what a message of 16 KiB costs on Node 20, more than a quarter on Node 24.
   */
  #release(chunks: readonly Uint8Array[]): void {
    // Otherwise the transport still has some of it.
    if (this._reader.transport?.getWriteBufferSize() !== 0) return
    for (const bytes of chunks) if (bytes.length >= worthReleasing) this.#ops.release(bytes)
  }

  // ---- the end of writes

  /**
   * @internal What may make the engine write is called between `_enter` and `_leave`. It must not hear of the end of a write
   * while it writes; when the call has returned it may.
   */
  _enter(): void {
    this.#depth++
  }

  /** @internal */
  _leave(): void {
    // The end of one write can be the beginning of the next.
    if (this.#depth === 1) while (this.#request !== null) this.#finishWrite()
    this.#depth--
  }

  #finishWrite(): void {
    const request = this.#request
    this.#request = null
    if (request !== null) this.#wrapper!.finishWrite(request, 0)
  }
}
