/** The options objects of a loop's methods; asyncio's keyword arguments. Times are in milliseconds. */
import type { InetAddress } from '../backend/contract.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import type { TlsContext, TlsContextOptions } from '../tls/tls_context.js'

/** `true` for the defaults of a client, options of `node:tls`, or both in a context that was made before. */
export type TlsOption = boolean | TlsContext | TlsContextOptions | null

/** How long TLS may take, in milliseconds. */
export interface TlsTimeouts {
  /** How long the handshake may take; 60,000. */
  sslHandshakeTimeout?: number | undefined
  /** How long the shutdown may take; 30,000. */
  sslShutdownTimeout?: number | undefined
}

/** Restricts what a name is resolved to: numbers of `constants`, 0 for any. */
export interface ResolverHints {
  /** `AF_INET`, `AF_INET6`. */
  family?: number | undefined
  /** `SOCK_STREAM`, `SOCK_DGRAM`, `SOCK_RAW`. */
  type?: number | undefined
  /** `IPPROTO_TCP`, `IPPROTO_UDP`. */
  proto?: number | undefined
  /** `AI_PASSIVE`, `AI_CANONNAME`, `AI_NUMERICHOST`, ... */
  flags?: number | undefined
}

/** Of `createConnection` and `openConnection`. */
export interface ConnectionOptions extends TlsTimeouts, Abortable {
  /** A name, or an address. */
  host?: string | null | undefined
  /** A number, or the name of a service. */
  port?: number | string | null | undefined
  /** Over TLS: see {@link TlsOption}; left out or falsy: plain. */
  ssl?: TlsOption | undefined
  /** Restricts what the host is resolved to: a number of `constants`, `AF_INET` or `AF_INET6`; 0 for any. */
  family?: number | undefined
  /** For the resolver: a number of `constants`; 0 for any. */
  proto?: number | undefined
  /** For the resolver: of the `AI_*` constants. */
  flags?: number | undefined
  /** A connected stream socket, in the place of host and port; it belongs to the library from now on. */
  sock?: Socket | null | undefined
  /** Where to bind before connecting. */
  localAddr?: InetAddress | null | undefined
  /** The name that the certificate must have, and that is told to the server; the host if left out, `''` for any. */
  serverHostname?: string | null | undefined
  /** Milliseconds before the next address is tried beside the one before; 250, `null` for one after another. RFC 8305. */
  happyEyeballsDelay?: number | null | undefined
  /** How many addresses of the first family come before the families alternate; 1 with happy eyeballs. */
  interleave?: number | null | undefined
  /** Reject with an AggregateError of every attempt's error. */
  allErrors?: boolean | undefined
}

/** Of `createServer` and `startServer`. */
export interface ServerOptions extends TlsTimeouts, Abortable {
  /** One name, several, or every interface (`null`, `''`). */
  host?: string | readonly string[] | null | undefined
  /** A number, or the name of a service; 0 for one that is free. */
  port?: number | string | null | undefined
  /** Restricts what the host is resolved to: a number of `constants`, `AF_INET` or `AF_INET6`; 0 for any. */
  family?: number | undefined
  /** For the resolver: of the `AI_*` constants; `AI_PASSIVE`. */
  flags?: number | undefined
  /** A bound stream socket, in the place of host and port. */
  sock?: Socket | null | undefined
  /** Connections that may wait in the kernel; 100. */
  backlog?: number | undefined
  /** The certificate and key, as options of `node:tls` or in a context; left out: plain. */
  ssl?: TlsOption | undefined
  /** SO_REUSEADDR, so that an address can be bound again at once; true on Unix. */
  reuseAddress?: boolean | undefined
  /** SO_REUSEPORT: others may bind the same port, and the system spreads connections among all; false. */
  reusePort?: boolean | undefined
  /** SO_KEEPALIVE on what is accepted; false. */
  keepAlive?: boolean | undefined
  /** false: listens only from `startServing()` or `serveForever()` on. */
  startServing?: boolean | undefined
}

/** Of `connectAcceptedSocket`. */
export interface AcceptedSocketOptions extends TlsTimeouts, Abortable {
  /** The certificate and key, as options of `node:tls` or in a context; left out: plain. */
  ssl?: TlsOption | undefined
}

/** Of `createDatagramEndpoint`. */
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
  /** A number of `constants`; 0 for the usual one. */
  proto?: number | undefined
  /** For the resolver. */
  flags?: number | undefined
  /** Others may bind the same address, and the system spreads what comes among all. */
  reusePort?: boolean | undefined
  /** Datagrams may go to broadcast addresses. */
  allowBroadcast?: boolean | undefined
  /** A datagram socket, in the place of all the others; it belongs to the library from now on. */
  sock?: Socket | null | undefined
  /** `datagramReceived` gets as its third argument what the system tells of each datagram; not on Windows (`NotImplementedError`). */
  packetInfo?: boolean | undefined
}

/** Of `createUnixConnection` and `openUnixConnection`. */
export interface UnixConnectionOptions extends TlsTimeouts, Abortable {
  /** Where it is; a leading NUL is the abstract namespace. */
  path?: string | Buffer | URL | null | undefined
  /** A connected stream socket, in the place of the path; it belongs to the library from now on. */
  sock?: Socket | null | undefined
  /** Over TLS: see {@link TlsOption}; left out or falsy: plain. */
  ssl?: TlsOption | undefined
  /** The name that the certificate must have; needed with `ssl`, `''` for any. */
  serverHostname?: string | null | undefined
}

/** Of `createUnixServer` and `startUnixServer`. */
export interface UnixServerOptions extends TlsTimeouts, Abortable {
  /** Where to make it; a leading NUL is the abstract namespace. */
  path?: string | Buffer | URL | null | undefined
  /** A bound stream socket, in the place of the path. */
  sock?: Socket | null | undefined
  /** Connections that may wait in the kernel; 100. */
  backlog?: number | undefined
  /** The certificate and key, as options of `node:tls` or in a context; left out: plain. */
  ssl?: TlsOption | undefined
  /** false: listens only from `startServing()` or `serveForever()` on. */
  startServing?: boolean | undefined
  /** Unlink the socket's file when the server closes; true. */
  cleanupSocket?: boolean | undefined
}

/** Of `startTls`. */
export interface StartTlsOptions extends TlsTimeouts, Abortable {
  /** Whether this is the server's side; false. */
  serverSide?: boolean | undefined
  /** The name that the certificate must have, as the client's side; `''` or left out for any. */
  serverHostname?: string | null | undefined
}

/** Of `sendfile` and `sockSendfile`. */
export interface SendfileOptions extends Abortable {
  /** Where in the file to begin, in bytes; 0. */
  offset?: number | undefined
  /** How many bytes; to the end of the file if left out. */
  count?: number | null | undefined
  /** Read and send where the system call cannot serve; true. */
  fallback?: boolean | undefined
}
