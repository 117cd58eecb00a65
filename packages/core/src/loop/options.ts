/** The options objects of a loop's methods; asyncio's keyword arguments. Times are in milliseconds. */
import type { InetAddress } from '../backend/contract.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import type { TlsContext, TlsContextOptions } from '../tls/tls_context.js'

/** `true` for the defaults of a client, options of `node:tls`, or both in a context that was made before. */
export type TlsOption = boolean | TlsContext | TlsContextOptions | null

export interface TlsTimeouts {
  /** How long the handshake may take; 60,000. */
  sslHandshakeTimeout?: number | undefined
  /** How long the shutdown may take; 30,000. */
  sslShutdownTimeout?: number | undefined
}

/** Restricts what a name is resolved to: numbers of `constants`, 0 for any. */
export interface ResolverHints {
  family?: number | undefined
  type?: number | undefined
  proto?: number | undefined
  flags?: number | undefined
}

export interface ConnectionOptions extends TlsTimeouts, Abortable {
  host?: string | null | undefined
  port?: number | string | null | undefined
  ssl?: TlsOption | undefined
  family?: number | undefined
  proto?: number | undefined
  flags?: number | undefined
  /** A connected stream socket, in the place of host and port; it belongs to the library from now on. */
  sock?: Socket | null | undefined
  /** Where to bind before connecting. */
  localAddr?: InetAddress | null | undefined
  serverHostname?: string | null | undefined
  /** Milliseconds before the next address is tried beside the one before; 250, `null` for one after another. RFC 8305. */
  happyEyeballsDelay?: number | null | undefined
  /** How many addresses of the first family come before the families alternate; 1 with happy eyeballs. */
  interleave?: number | null | undefined
  /** Reject with an AggregateError of every attempt's error. */
  allErrors?: boolean | undefined
}

export interface ServerOptions extends TlsTimeouts, Abortable {
  /** One name, several, or every interface (`null`, `''`). */
  host?: string | readonly string[] | null | undefined
  port?: number | string | null | undefined
  family?: number | undefined
  flags?: number | undefined
  /** A bound stream socket, in the place of host and port. */
  sock?: Socket | null | undefined
  /** Connections that may wait in the kernel; 100. */
  backlog?: number | undefined
  ssl?: TlsOption | undefined
  reuseAddress?: boolean | undefined
  reusePort?: boolean | undefined
  keepAlive?: boolean | undefined
  /** false: listens only from `startServing()` or `serveForever()` on. */
  startServing?: boolean | undefined
}

export interface AcceptedSocketOptions extends TlsTimeouts, Abortable {
  ssl?: TlsOption | undefined
}

export interface DatagramEndpointOptions extends Abortable {
  /**
   * Where to receive: `{ host, port }`, with the host `''` for every interface, or the path of a Unix socket (a leading
   * NUL is the abstract namespace).
   */
  localAddr?: InetAddress | string | Buffer | URL | null | undefined
  /** The only place to send to and receive from: the socket is connected, unless it is to broadcast. */
  remoteAddr?: InetAddress | string | Buffer | URL | null | undefined
  /** A number of `constants`; needed only where there is no address. */
  family?: number | undefined
  proto?: number | undefined
  /** For the resolver. */
  flags?: number | undefined
  /** Others may bind the same address, and the system spreads what comes among all. */
  reusePort?: boolean | undefined
  /** Datagrams may go to broadcast addresses. */
  allowBroadcast?: boolean | undefined
  /** A datagram socket, in the place of all the others; it belongs to the library from now on. */
  sock?: Socket | null | undefined
  /** `datagramReceived` gets as its third argument what the system tells of each datagram. */
  packetInfo?: boolean | undefined
}

export interface UnixConnectionOptions extends TlsTimeouts, Abortable {
  path?: string | Buffer | URL | null | undefined
  sock?: Socket | null | undefined
  ssl?: TlsOption | undefined
  serverHostname?: string | null | undefined
}

export interface UnixServerOptions extends TlsTimeouts, Abortable {
  path?: string | Buffer | URL | null | undefined
  sock?: Socket | null | undefined
  backlog?: number | undefined
  ssl?: TlsOption | undefined
  startServing?: boolean | undefined
  /** Unlink the socket's file when the server closes; true. */
  cleanupSocket?: boolean | undefined
}

export interface StartTlsOptions extends TlsTimeouts, Abortable {
  serverSide?: boolean | undefined
  serverHostname?: string | null | undefined
}

export interface SendfileOptions extends Abortable {
  /** Where in the file to begin, in bytes; 0. */
  offset?: number | undefined
  /** How many bytes; to the end of the file if left out. */
  count?: number | null | undefined
  /** Read and send where the system call cannot serve; true. */
  fallback?: boolean | undefined
}
