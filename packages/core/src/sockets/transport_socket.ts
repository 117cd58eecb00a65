import { inspect } from 'node:util'
import type { Address } from '../backend/contract.js'
import type { GroupOptions, Interface } from './multicast.js'
import type { OptionName, OptionValue } from './options.js'
import type { PeerCredentials } from './peer_credentials.js'
import type { Socket } from './socket.js'

/**
 * A look at the socket of a transport or server: to ask it and to set its options. It cannot read, write or close,
 * which are the transport's. asyncio: `trsock.TransportSocket`.
 */
export class TransportSocket {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** As that of the socket. */
  get family(): number {
    return this.#socket.family
  }

  /** As that of the socket. */
  get type(): number {
    return this.#socket.type
  }

  /** As that of the socket. */
  get proto(): number {
    return this.#socket.proto
  }

  /** The descriptor's number; -1 once the transport is closed. */
  fileno(): number {
    return this.#socket.fileno()
  }

  /** Another descriptor of the same socket, which is the caller's. */
  dup(): Socket {
    return this.#socket.dup()
  }

  /** As that of the socket. getsockopt(2). */
  getsockopt(level: OptionName, name: OptionName): number
  /** As that of the socket, for options that are not an `int`. getsockopt(2). */
  getsockopt(level: OptionName, name: OptionName, length: number): Buffer
  getsockopt(level: OptionName, name: OptionName, length?: number): number | Buffer {
    return length === undefined ? this.#socket.getsockopt(level, name) : this.#socket.getsockopt(level, name, length)
  }

  /** As that of the socket. setsockopt(2). */
  setsockopt(level: OptionName, name: OptionName, value: OptionValue): void {
    this.#socket.setsockopt(level, name, value)
  }

  /** As `Socket.joinGroup`. */
  joinGroup(group: string, options?: GroupOptions): void {
    this.#socket.joinGroup(group, options)
  }

  /** As `Socket.leaveGroup`. */
  leaveGroup(group: string, options?: GroupOptions): void {
    this.#socket.leaveGroup(group, options)
  }

  /** As `Socket.setMulticastInterface`. */
  setMulticastInterface(interface_: Interface): void {
    this.#socket.setMulticastInterface(interface_)
  }

  /** Its own address. getsockname(2). */
  getsockname(): Address {
    return this.#socket.getsockname()
  }

  /** The address of the other end. getpeername(2). */
  getpeername(): Address {
    return this.#socket.getpeername()
  }

  /** Who is at the other end of a Unix connection; see `Socket`. */
  peerCredentials(): PeerCredentials {
    return this.#socket.peerCredentials()
  }

  [inspect.custom](): string {
    return `<TransportSocket fd=${this.fileno()} family=${this.family} type=${this.type} proto=${this.proto}>`
  }
}
