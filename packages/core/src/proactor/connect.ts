import { ADDRESS_ROOM } from '../backend/contract.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { addressError, type NativeAddress } from '../sockets/address.js'
import { begin } from '../sockets/readiness.js'
import { isResolved, resolveFor } from '../sockets/resolved_address.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import { completed } from './completed.js'

/** ConnectEx; a host name is resolved first. Rejects with the system's error, which names the address. */
export async function connect(
  loop: ProactorEventLoop,
  sock: Socket,
  given: NativeAddress,
  options: Abortable,
): Promise<void> {
  begin(loop, sock, options)
  const address = isResolved(sock, given) ? given : await resolveFor(loop, sock, given, options)
  const fd = sock._open()
  const packed = Buffer.alloc(ADDRESS_ROOM)
  const size = sock._ops.packAddress(sock.family, address, packed)
  if (size < 0) throw addressError(size, 'connect', address)
  loop._proactor._associate(sock)
  const result = await completed(
    loop,
    (native, slot, generation) => native.connect(fd, slot, generation, packed.subarray(0, size)),
    options,
  )
  if (result < 0) throw addressError(result, 'connect', address)
}
