import type { Address } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import { addressError, checkedAddress, detailsOf, type NativeAddress } from './address.js'
import { begin, checkedSocket, ready } from './readiness.js'
import { isResolved, resolveFor } from './resolved_address.js'
import type { Socket } from './socket.js'

/** Connects; a host name is resolved first. Rejects with the system's error, which names the address. */
export function sockConnect(
  loop: SocketEventLoop,
  sock: Socket,
  address: Address,
  options: Abortable = {},
): Promise<void> {
  checkedSocket(loop, sock)
  return connect(loop, sock, checkedAddress(sock.family, address), options)
}

async function connect(loop: SocketEventLoop, sock: Socket, given: NativeAddress, options: Abortable): Promise<void> {
  begin(loop, sock, options)
  const address = isResolved(sock, given) ? given : await resolveFor(loop, sock, given, options)
  const result = sock._ops.connect(sock._open(), sock.family, address)
  if (result >= 0) return
  // A Unix socket whose listener has no room answers EAGAIN and does not go on by itself: that is an error.
  if (result !== -errno.EINPROGRESS) throw addressError(result, 'connect', address)
  do {
    await ready(loop, sock, 'writer', options)
    const failure = sock.getsockopt('SOL_SOCKET', 'SO_ERROR')
    if (failure !== 0) throw systemError(-failure, 'connect', detailsOf(address))
    // Some systems report writability before the connection stands; connect() must not be asked again.
  } while (sock._ops.getpeername(sock._open()) === -errno.ENOTCONN)
}
