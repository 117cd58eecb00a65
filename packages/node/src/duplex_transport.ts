import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import {
  type BaseEventLoop,
  type BaseProtocol,
  type BufferedProtocol,
  type Data,
  FlowControlledTransport,
  type Future,
  LoopError,
  NotImplementedError,
  type Protocol,
} from '@loop/core'

/**
 * A stream of Node's as a transport, which calls its protocol in the loop's turns. Made by `fromDuplex`.
 *
 * The stream's buffers are the transport's, and its events the connection's: `'end'` is `eofReceived`, `'close'` is
 * `connectionLost`, with the error of `'error'` if there was one.
 */
export class DuplexTransport extends FlowControlledTransport {
  /** @internal */ override readonly _loop: BaseEventLoop
  /** @internal */ override _protocol: BaseProtocol
  readonly #duplex: Duplex
  /** What a protocol with memory of its own had no room for. */
  #rest: Buffer | null = null
  #begun = false
  #paused = false
  #closing = false
  #writingEnded = false
  #exception: Error | null = null

  /** @internal use `fromDuplex` */
  constructor(loop: BaseEventLoop, duplex: Duplex, protocol: Protocol | BufferedProtocol) {
    super()
    this._loop = loop
    this._protocol = protocol
    this.#duplex = duplex
    duplex.on('error', (error) => {
      this.#exception ??= error
    })
    duplex.on('close', () => this.#soon(() => this.#lost()))
  }

  /** @internal the stream is connected; `made` gets its result after `connectionMade` was called */
  _begin(made: Future<void>): void {
    this._callConnectionMade()
    this.#begun = true
    this.#duplex.on('readable', () => this.#soon(() => this.#read()))
    this.#duplex.on('end', () => this.#soon(() => this.#ended()))
    if (!made.done()) made.setResult()
  }

  /** @internal */
  get _exception(): Error | null {
    return this.#exception
  }

  // ---- reading

  #read(): void {
    while (!this.#paused && !this.#closing) {
      const data = this.#rest ?? bufferOf(this.#duplex.read())
      if (data === null) return
      this.#rest = this._callDataReceived(data)
    }
  }

  #ended(): void {
    if (this.#closing) return
    try {
      if ((this._protocol as Protocol).eofReceived?.()) return
    } catch (exception) {
      return this._fatalError(exception as Error, 'Fatal error: protocol.eofReceived() call failed.')
    }
    this.close()
  }

  override isReading(): boolean {
    return !this.#closing && !this.#paused
  }

  override pauseReading(): void {
    this.#paused = true
  }

  override resumeReading(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#soon(() => this.#read())
  }

  // ---- writing

  override write(data: Data): void {
    this.#send(copyOf(data))
  }

  override writelines(chunks: Iterable<Data>): void {
    this.#send(Buffer.concat(Array.from(chunks, copyOf)))
  }

  #send(bytes: Buffer): void {
    if (this.#writingEnded) throw new LoopError('Cannot call write() after writeEof()', 'ERR_LOOP_STATE')
    if (bytes.length === 0 || this.#closing) return
    this.#duplex.write(bytes, () => {
      if (this._protocolPaused) this.#soon(() => this._maybeResumeProtocol())
    })
    this._maybePauseProtocol()
  }

  override getWriteBufferSize(): number {
    return this.#duplex.writableLength
  }

  /** Not over TLS, as everywhere on a loop. */
  override canWriteEof(): boolean {
    return (this.#duplex as TLSSocket).encrypted !== true
  }

  override writeEof(): void {
    if (!this.canWriteEof()) {
      throw new NotImplementedError(
        'writeEof()',
        this.constructor.name,
        'close() the connection, which ends both halves',
      )
    }
    if (this.#closing || this.#writingEnded) return
    this.#writingEnded = true
    this.#duplex.end()
  }

  // ---- the end

  override isClosing(): boolean {
    return this.#closing
  }

  override close(): void {
    if (this.#closing) return
    this.#closing = true
    const duplex = this.#duplex
    if (duplex.destroyed) return
    duplex.end()
    if (duplex.writableFinished) duplex.destroy()
    else duplex.once('finish', () => duplex.destroy())
  }

  override abort(): void {
    this._forceClose(null)
  }

  /** @internal */
  override _forceClose(exception: Error | null): void {
    this.#closing = true
    this.#exception ??= exception
    this.#duplex.destroy()
  }

  #lost(): void {
    this.#closing = true
    if (this.#begun) this._protocol.connectionLost?.(this.#exception)
  }

  /** In the loop's turn; a closed loop has none. */
  #soon(callback: () => void): void {
    if (!this._loop.isClosed()) this._loop.callSoon(callback)
  }

  /** `'peername'` and `'sockname'` of a `net.Socket`; `'sslObject'`, `'cipher'` and `'peercert'` of a `TLSSocket`. */
  override getExtraInfo(name: string, fallback?: unknown): unknown {
    const socket = this.#duplex as Partial<TLSSocket>
    switch (name) {
      case 'peername':
        return address(socket.remoteAddress, socket.remotePort, socket.remoteFamily) ?? fallback
      case 'sockname':
        return address(socket.localAddress, socket.localPort, socket.localFamily) ?? fallback
    }
    if (socket.encrypted !== true) return fallback
    switch (name) {
      case 'sslObject':
        return socket
      case 'cipher':
        return socket.getCipher?.()
      case 'peercert':
        return socket.getPeerCertificate?.()
    }
    return fallback
  }

  [inspect.custom](): string {
    const state = this.#duplex.destroyed ? ' closed' : this.#closing ? ' closing' : ''
    return `<DuplexTransport${state} buffered=${this.getWriteBufferSize()} over ${this.#duplex.constructor.name}>`
  }
}

function address(host?: string, port?: number, family?: string): object | undefined {
  return host === undefined ? undefined : { host, port, family }
}

/** The caller may reuse its memory, and nobody knows how long a stream needs it. */
function copyOf(data: Data): Buffer {
  if (typeof data === 'string' || data instanceof Uint8Array) return Buffer.from(data as Uint8Array)
  throw new TypeError(`data must be a Uint8Array or a string, not ${inspect(data, { depth: 0 })}`)
}

function bufferOf(chunk: unknown): Buffer | null {
  if (chunk === null || Buffer.isBuffer(chunk)) return chunk as Buffer | null
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  return Buffer.from(String(chunk))
}

/** Whether its `'connect'` is still to come. */
export function isConnecting(duplex: Duplex): boolean {
  return (
    (duplex as Socket).connecting === true ||
    (duplex as TLSSocket & { secureConnecting?: boolean }).secureConnecting === true
  )
}
