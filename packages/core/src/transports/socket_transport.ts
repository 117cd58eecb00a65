import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'
import type { TransportOwner } from './descriptor_transport.js'
import type { StreamingProtocol } from './protocols.js'
import { SeqpacketTransport } from './seqpacket_transport.js'
import { StreamSocketTransport } from './stream_socket_transport.js'
import { UnixSocketTransport } from './unix_socket_transport.js'

/** The transport for a connected socket of this kind. */
export function socketTransport(
  loop: SocketEventLoop,
  sock: Socket,
  protocol: StreamingProtocol,
  waiter: Future<void> | null = null,
  owner: TransportOwner | null = null,
): StreamSocketTransport {
  const Transport =
    sock.type === constants['SOCK_SEQPACKET']
      ? SeqpacketTransport
      : sock.family === constants['AF_UNIX']
        ? UnixSocketTransport
        : StreamSocketTransport
  return new Transport(loop, sock, protocol, waiter, owner)
}
