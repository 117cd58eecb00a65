import type { Address, InetAddress } from '../../backend/contract.js'
import type { AddrInfo } from '../../dns/addr_info.js'
import type { Socket } from '../../sockets/socket.js'
import type { Abortable } from '../../tasks/abortable.js'
import type { Data } from '../../transports/transport.js'
import type { ResolverHints, SendfileOptions } from '../options.js'
import type { FdLike, FileLike } from './awaitable.js'

/** Descriptors, raw sockets and names. */
export interface Descriptors {
  /**
   * Calls `callback(...args)` whenever `fd` can be read (also at its end or error), until `removeReader`. Replaces a
   * former one. The descriptor stays the caller's.
   * @throws TypeError, RangeError for what is no open descriptor; `EPERM` for a regular file, which has no readiness;
   *   LoopError if a transport uses it
   *
   * asyncio: `add_reader`. poll(2).
   */
  addReader<A extends unknown[]>(fd: FdLike, callback: (...args: A) => void, ...args: A): void

  /** Takes it back; whether there was one. asyncio: `remove_reader`. */
  removeReader(fd: FdLike): boolean

  /** As `addReader`, whenever `fd` can be written. asyncio: `add_writer`. poll(2). */
  addWriter<A extends unknown[]>(fd: FdLike, callback: (...args: A) => void, ...args: A): void

  /** Takes it back; whether there was one. asyncio: `remove_writer`. */
  removeWriter(fd: FdLike): boolean

  /**
   * Waits for data. A cancelled wait loses no byte.
   * @param nbytes at most so many
   * @returns what has come, empty at the end of the stream
   *
   * asyncio: `sock_recv`. recv(2).
   */
  sockRecv(sock: Socket, nbytes: number, options?: Abortable): Promise<Buffer>

  /** As `sockRecv`, into `buffer`; how many bytes came. asyncio: `sock_recv_into`. recv(2). */
  sockRecvInto(sock: Socket, buffer: Uint8Array, options?: Abortable): Promise<number>

  /** Waits for a datagram, cut to `bufsize` bytes; and its sender. asyncio: `sock_recvfrom`. recvfrom(2). */
  sockRecvfrom(sock: Socket, bufsize: number, options?: Abortable): Promise<[Buffer, Address]>

  /**
   * As `sockRecvfrom`, into `buffer`.
   * @param nbytes at most so many; 0 or left out: all of the buffer
   * @returns how many bytes came, and the sender
   *
   * asyncio: `sock_recvfrom_into`. recvfrom(2).
   */
  sockRecvfromInto(sock: Socket, buffer: Uint8Array, nbytes?: number, options?: Abortable): Promise<[number, Address]>

  /**
   * Sends all of `data`. After an error or a cancellation nobody knows how much of it went.
   *
   * asyncio: `sock_sendall`. send(2).
   */
  sockSendall(sock: Socket, data: Data, options?: Abortable): Promise<void>

  /** Sends one datagram; how many bytes of it. asyncio: `sock_sendto`. sendto(2). */
  sockSendto(sock: Socket, data: Data, address: Address, options?: Abortable): Promise<number>

  /** Connects a socket; a host that is a name is resolved. asyncio: `sock_connect`. connect(2). */
  sockConnect(sock: Socket, address: Address, options?: Abortable): Promise<void>

  /** Waits for a connection to a listening socket; and its peer. asyncio: `sock_accept`. accept(2). */
  sockAccept(sock: Socket, options?: Abortable): Promise<[Socket, Address]>

  /** As `sendfile`, over a connected socket. asyncio: `sock_sendfile`. sendfile(2). */
  sockSendfile(sock: Socket, file: FileLike, options?: SendfileOptions): Promise<number>

  /**
   * The addresses of a name, from the host's resolver.
   * @param host `null`: this machine, or with `AI_PASSIVE` every interface
   * @param port a number, or the name of a service
   * @throws `ENOTFOUND`, `EAI_AGAIN`, ... as `node:dns` has them
   *
   * asyncio: `getaddrinfo`. getaddrinfo(3).
   */
  getaddrinfo(
    host: string | Buffer | null,
    port: number | string | Buffer | null,
    options?: ResolverHints & Abortable,
  ): Promise<AddrInfo[]>

  /**
   * The names of an address: of the host and of the service.
   * @param flags of the `NI_*` constants
   *
   * asyncio: `getnameinfo`. getnameinfo(3).
   */
  getnameinfo(sockaddr: InetAddress, flags?: number, options?: Abortable): Promise<[string, string]>
}
