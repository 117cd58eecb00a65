import type { Socket } from '../../sockets/socket.js'
import type { DatagramProtocol, StreamingProtocol } from '../../transports/protocols.js'
import type { Server } from '../../transports/server.js'
import type { BaseTransport, DatagramTransport, Transport } from '../../transports/transport.js'
import type * as o from '../options.js'
import type { FileLike } from './awaitable.js'

/**
 * Connections, servers and endpoints over sockets. Wrong arguments throw at the call; what happens later rejects, errors of
 * the system with their `code`. Cancelling the task that awaits one of them, or aborting `signal`, leaves nothing open.
 */
export interface Connections {
  /**
   * Connects a stream and joins it with a protocol; a name with several addresses as RFC 8305 says ("Happy Eyeballs").
   * @param protocolFactory makes the protocol, once the connection is there
   * @param options `host` and `port`, or a connected `sock`; `ssl` for TLS
   * @returns the transport and the protocol, after `connectionMade`
   * @throws TypeError, RangeError at the call; the error of the last address, or an AggregateError with `allErrors`
   *
   * asyncio: `create_connection`.
   */
  createConnection<P extends StreamingProtocol>(
    protocolFactory: () => P,
    options: o.ConnectionOptions,
  ): Promise<[Transport, P]>

  /**
   * Listens, and joins each connection that comes with a protocol of its own.
   * @param options `host` (one, several, or null for all interfaces) and `port` (0: a free one), or a bound `sock`
   * @throws TypeError, RangeError at the call; bind(2)'s error, which names host and port
   *
   * asyncio: `create_server`.
   */
  createServer(protocolFactory: () => StreamingProtocol, options: o.ServerOptions): Promise<Server>

  /**
   * As `createConnection`, to a Unix socket; on Windows 10 and later only `ProactorEventLoop` has them.
   * @throws NotImplementedError where there are none; `ENOENT`, `ECONNREFUSED`, `ENAMETOOLONG`, ... with the path
   *
   * asyncio: `create_unix_connection`. unix(7).
   */
  createUnixConnection<P extends StreamingProtocol>(
    protocolFactory: () => P,
    options: o.UnixConnectionOptions,
  ): Promise<[Transport, P]>

  /**
   * As `createServer`, on a Unix socket; on Windows 10 and later only `ProactorEventLoop` has them. A socket that a dead server left behind is replaced.
   * @throws `EADDRINUSE`, `ENAMETOOLONG`, ... with the path
   *
   * asyncio: `create_unix_server`. unix(7).
   */
  createUnixServer(protocolFactory: () => StreamingProtocol, options: o.UnixServerOptions): Promise<Server>

  /**
   * A socket for datagrams, bound, connected or neither, joined with a protocol.
   * @param options `localAddr`, `remoteAddr`, or a `sock`
   * @returns the transport and the protocol, after `connectionMade`
   *
   * asyncio: `create_datagram_endpoint`. udp(7).
   */
  createDatagramEndpoint<P extends DatagramProtocol>(
    protocolFactory: () => P,
    options: o.DatagramEndpointOptions,
  ): Promise<[DatagramTransport, P]>

  /**
   * Joins a connection that was accepted elsewhere with a protocol, as a server's side of it.
   * @param sock the transport's from now on
   *
   * asyncio: `connect_accepted_socket`.
   */
  connectAcceptedSocket<P extends StreamingProtocol>(
    protocolFactory: () => P,
    sock: Socket,
    options?: o.AcceptedSocketOptions,
  ): Promise<[Transport, P]>

  /**
   * Goes on over TLS on a connection that is there.
   * @param transport the one to put it over, which must not be used any more
   * @param protocol what the new transport is joined with
   * @returns the new transport, after the handshake
   * @throws `ECONNABORTED` when the handshake takes too long; what `node:tls` finds wrong
   *
   * asyncio: `start_tls`. RFC 8446.
   */
  startTls(
    transport: BaseTransport,
    protocol: StreamingProtocol,
    ssl: o.TlsOption,
    options?: o.StartTlsOptions,
  ): Promise<Transport>

  /**
   * Sends a file over a transport, by the system call where it can serve.
   * @param file stays the caller's if it is a descriptor
   * @returns how many bytes were sent
   * @throws SendfileNotAvailableError if the system call cannot serve and `fallback` is false
   *
   * asyncio: `sendfile`. sendfile(2).
   */
  sendfile(transport: BaseTransport, file: FileLike, options?: o.SendfileOptions): Promise<number>
}
