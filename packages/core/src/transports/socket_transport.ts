import type { Future } from '../futures/future.js'
import type { SelectorEventLoop } from '../loop/selector_event_loop.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'
import type { TransportOwner } from './descriptor_transport.js'
import type { StreamingProtocol } from './protocols.js'
import { SelectorSocketTransport } from './selector_socket_transport.js'
import { SeqpacketTransport } from './seqpacket_transport.js'
import { UnixSocketTransport } from './unix_socket_transport.js'

/** The transport for a connected socket of this kind. */
export function socketTransport(
  loop: SelectorEventLoop,
  sock: Socket,
  protocol: StreamingProtocol,
  waiter: Future<void> | null = null,
  owner: TransportOwner | null = null,
): SelectorSocketTransport {
  const Transport =
    sock.type === constants['SOCK_SEQPACKET']
      ? SeqpacketTransport
      : sock.family === constants['AF_UNIX']
        ? UnixSocketTransport
        : SelectorSocketTransport
  return new Transport(loop, sock, protocol, waiter, owner)
}
