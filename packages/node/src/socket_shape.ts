import type { AddressInfo, SocketReadyState } from 'node:net'
import { Duplex } from 'node:stream'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { InetAddress, Transport } from '@loop/core'
import { IdleTimeout } from './idle_timeout.js'
import { setKeepAlive, setNoDelay } from './socket_options.js'

/** What `net.Socket` has beside its stream: addresses, options, the idle timeout, and over TLS what `TLSSocket` tells. */
export abstract class SocketShape extends Duplex {
  /** The connection; null until it is made. It stays after its end, for it knows who it was with. */
  protected transport: Transport | null = null
  /** Milliseconds of `setTimeout`; undefined until it was called. */
  timeout?: number
  /** As that of `net.Socket`. */
  readonly autoSelectFamilyAttemptedAddresses: string[] = []
  protected readonly idle = new IdleTimeout(
    () => this.emit('timeout'),
    () => this.dispatched - (this.transport?.getWriteBufferSize() ?? 0),
  )
  /** Bytes that were handed to the transport. */
  protected dispatched = 0
  /** Options that were set before there was a connection. */
  #options: ((transport: Transport) => void)[] = []
  #peer: InetAddress | null = null
  #own: InetAddress | null = null

  // ---- state

  /** Whether the connection is on its way. */
  abstract get connecting(): boolean

  /** Whether there is no connection yet, or any more. */
  get pending(): boolean {
    return this.transport === null || this.destroyed
  }

  /** `'opening'`, then which of its halves are open. */
  get readyState(): SocketReadyState {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  /** What waits to be written. */
  get bufferSize(): number {
    return this.writableLength
  }

  // ---- addresses

  /** Of the other end; undefined where it is not a connection over IP. */
  get remoteAddress(): string | undefined {
    return this.#remote()?.host
  }

  /** Of the other end. */
  get remotePort(): number | undefined {
    return this.#remote()?.port
  }

  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#remote()?.family
  }

  // Declared as net.Socket declares them, which a getter cannot: a property that may be missing.
  /** Of this end; undefined where it is not a connection over IP. */
  declare readonly localAddress?: string
  /** Of this end. */
  declare readonly localPort?: number
  /** `'IPv4'` or `'IPv6'`. */
  declare readonly localFamily?: string

  static {
    Object.defineProperties(SocketShape.prototype, {
      localAddress: {
        get(this: SocketShape) {
          return this.#local()?.host
        },
      },
      localPort: {
        get(this: SocketShape) {
          return this.#local()?.port
        },
      },
      localFamily: {
        get(this: SocketShape) {
          return this.#local()?.family
        },
      },
    })
  }

  /** Its own address; `{}` where it has none. */
  address(): AddressInfo | Record<string, never> {
    const own = this.#local()
    return own === null ? {} : { address: own.host, family: own.family ?? '', port: own.port }
  }

  #remote(): InetAddress | null {
    this.#peer ??= inetAddress(this.transport?.getExtraInfo('peername'))
    return this.#peer
  }

  #local(): InetAddress | null {
    this.#own ??= inetAddress(this.transport?.getExtraInfo('sockname'))
    return this.#own
  }

  // ---- options

  /** Whether small writes leave at once (TCP_NODELAY); they do unless told otherwise. */
  setNoDelay(noDelay = true): this {
    return this.#option((transport) => setNoDelay(transport, Boolean(noDelay)))
  }

  /**
   * Whether the system asks now and then whether the other end is still there (SO_KEEPALIVE).
   * @param initialDelay milliseconds of silence before the first probe
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    return this.#option((transport) => setKeepAlive(transport, Boolean(enable), initialDelay))
  }

  #option(apply: (transport: Transport) => void): this {
    if (this.transport === null) this.#options.push(apply)
    else if (!this.destroyed) apply(this.transport)
    return this
  }

  /** The connection is there. */
  protected takeTransport(transport: Transport): void {
    this.transport = transport
    // Known from now on: after the end of a TLS connection nobody could be asked any more.
    this.#remote()
    for (const apply of this.#options) apply(transport)
    this.#options = []
  }

  /**
   * Emits `'timeout'` when nothing was received or sent for `milliseconds`; 0: never. The connection stays.
   * @param callback a listener for one such event
   * @throws TypeError, RangeError
   */
  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this
    this.idle.set(milliseconds)
    this.timeout = milliseconds
    if (callback === undefined) return this
    if (milliseconds === 0) this.removeListener('timeout', callback)
    else this.once('timeout', callback)
    return this
  }

  /** Nothing: the loop that runs keeps the process alive, whatever its connections. */
  ref(): this {
    return this
  }

  /** Nothing; see `ref`. */
  unref(): this {
    return this
  }

  // ---- TLS; undefined where the connection is not over TLS

  /** Whether it is a connection over TLS. */
  get encrypted(): true | undefined {
    return this.#tls === undefined ? undefined : true
  }

  /** Whether the certificate of the other end was verified. */
  get authorized(): boolean | undefined {
    return this.#tls?.authorized
  }

  /** Why it was not. */
  get authorizationError(): Error | undefined {
    return this.#tls?.authorizationError
  }

  /** What both ends agreed to speak (ALPN). */
  get alpnProtocol(): string | false | null | undefined {
    return this.#tls?.alpnProtocol
  }

  /** The name that the client asked for (SNI). */
  get servername(): string | false | null | undefined {
    return (this.#tls as (TLSSocket & { servername: string | false | null }) | undefined)?.servername
  }

  /** As that of `TLSSocket`. */
  getPeerCertificate(detailed?: boolean): PeerCertificate | undefined {
    return this.#tls?.getPeerCertificate(detailed as false)
  }

  /** As that of `TLSSocket`. */
  getCipher(): ReturnType<TLSSocket['getCipher']> | undefined {
    return this.#tls?.getCipher()
  }

  /** As that of `TLSSocket`: the version of TLS. */
  getProtocol(): string | null | undefined {
    return this.#tls?.getProtocol()
  }

  get #tls(): TLSSocket | undefined {
    return this.transport?.getExtraInfo('sslObject') as TLSSocket | undefined
  }
}

function inetAddress(address: unknown): InetAddress | null {
  return typeof address === 'object' && address !== null && 'port' in address ? (address as InetAddress) : null
}
