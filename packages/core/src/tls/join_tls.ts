import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Socket } from '../sockets/socket.js'
import { type Abortable, abortError } from '../tasks/abortable.js'
import type { TransportOwner } from '../transports/descriptor_transport.js'
import { mustBeProtocol } from '../transports/flow_control.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { StreamSocketTransport } from '../transports/stream_socket_transport.js'
import type { Transport } from '../transports/transport.js'
import { secured, settle } from './start_tls.js'
import type { TlsSettings } from './tls_settings.js'
import { TlsTransport } from './tls_transport.js'

/** Makes the protocol and the TLS transport of a connected socket; the socket is closed if that fails or is cancelled. */
export async function joinTls<P extends StreamingProtocol>(
  loop: SocketEventLoop,
  sock: Socket,
  protocolFactory: () => P,
  settings: TlsSettings,
  options: Abortable,
): Promise<[Transport, P]> {
  let protocol: P
  let transport: TlsTransport
  const handshake = loop.createFuture<void>()
  try {
    if (options.signal?.aborted) throw abortError(options.signal)
    protocol = protocolFactory()
    transport = overSocket(loop, sock, protocol, settings, (error) => settle(handshake, error))
  } catch (error) {
    sock.close()
    throw error
  }
  return [await secured(transport, handshake, options), protocol]
}

/**
 * TLS on a connection that a server accepted. A handshake that fails is the peer's affair: it is reported in debug mode
 * only. The socket stays the caller's if this throws.
 */
export function acceptTls(
  loop: SocketEventLoop,
  sock: Socket,
  protocol: StreamingProtocol,
  settings: TlsSettings,
  owner: TransportOwner,
): void {
  const transport = overSocket(loop, sock, protocol, settings, report, owner)
  function report(exception: Error | null): void {
    if (exception === null || !loop.getDebug()) return
    loop.callExceptionHandler({ message: 'SSL handshake failed on an incoming connection', exception, transport })
  }
}

function overSocket(
  loop: SocketEventLoop,
  sock: Socket,
  protocol: StreamingProtocol,
  settings: TlsSettings,
  done: (error: Error | null) => void,
  owner: TransportOwner | null = null,
): TlsTransport {
  mustBeProtocol(protocol)
  const wire = (reader: StreamingProtocol) => new StreamSocketTransport(loop, sock, reader)
  return new TlsTransport({ loop, protocol, settings, announce: true, wire, sock, done, owner })
}
