import type { InetAddress } from '../backend/contract.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import { isInet, isNumericHost, type NativeAddress } from './address.js'
import type { Socket } from './socket.js'

/** Whether `address` (checked) can be given to a native call on `sock` as it is. */
export function isResolved(sock: Socket, address: NativeAddress): boolean {
  return !isInet(sock.family) || isNumericHost(sock.family, (address as InetAddress).host)
}

/** `address` with its host name resolved, by the socket's own family, type and protocol. */
export async function resolveFor(
  loop: SocketEventLoop,
  sock: Socket,
  address: NativeAddress,
  { signal }: Abortable,
): Promise<NativeAddress> {
  const { family, type, proto } = sock
  const { host, port } = address as InetAddress
  const [first] = await loop.getaddrinfo(host, port, { family, type, proto, signal })
  return { ...(address as InetAddress), ...first!.address }
}
