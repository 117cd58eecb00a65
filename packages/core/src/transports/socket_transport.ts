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
  return new (transportClass(loop, sock))(loop, sock, protocol, waiter, owner)
}

function transportClass(loop: SocketEventLoop, { type, family }: Socket): typeof StreamSocketTransport {
  if (type === constants['SOCK_SEQPACKET']) return SeqpacketTransport
  // Where descriptors cannot travel along, a Unix socket is a stream like any other.
  return family === constants['AF_UNIX'] && loop.supports('passDescriptors')
    ? UnixSocketTransport
    : StreamSocketTransport
}
