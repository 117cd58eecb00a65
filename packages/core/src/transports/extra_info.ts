import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls'
import type { Address } from '../backend/contract.js'
import type { FdLike } from '../loop/event_loop.js'
import type { PeerCredentials } from '../sockets/peer_credentials.js'
import type { TransportSocket } from '../sockets/transport_socket.js'
import type { ChildProcess } from '../subprocess/base_subprocess_transport.js'
import type { TlsContext } from '../tls/tls_context.js'

/** What `getExtraInfo` gives, by its name; each transport knows some of it. asyncio: `get_extra_info`. */
export interface ExtraInfo {
  /** The address of the other end; null where there is none. */
  peername: Address
  /** Its own address; null of an unnamed Unix socket. */
  sockname: Address
  /** Its socket, to be asked and to have its options set. */
  socket: TransportSocket
  /** Who is at the other end of a Unix socket. */
  peercred: PeerCredentials
  /** TLS: the context of the connection. asyncio: `sslcontext`. */
  sslcontext: TlsContext
  /** TLS: the engine, to be asked (`getSession()`, `getProtocol()`); bytes go through the transport only. asyncio: `ssl_object`. */
  sslObject: TLSSocket
  /** TLS: what was agreed on. */
  cipher: CipherNameAndProtocol
  /** TLS: the other end's certificate; empty if it showed none. */
  peercert: PeerCertificate
  /** TLS: there is none in what `node:tls` speaks. */
  compression: null
  /** Pipes: what the transport was made of. */
  pipe: FdLike
  /** Subprocesses: the child. */
  subprocess: ChildProcess
}
