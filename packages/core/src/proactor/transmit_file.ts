import { fstat } from 'node:fs'
import { promisify } from 'node:util'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import type { SentFile, Stretch } from '../sockets/sent_file.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import { completed } from './completed.js'

const statOf = promisify(fstat)

/** What one operation sends: of one that is cancelled nobody knows how much has left. */
const mostAtOnce = 64 * 1024

/** What the system answers for files that it cannot send. */
const unservable = new Set([-errno.EINVAL, -errno.ENOSYS, -errno.ENOTSOCK, -errno.EOPNOTSUPP, -errno.EBADF])

/** TransmitFile; false if the system cannot do it for this file and socket. */
export async function transmitFile(
  loop: ProactorEventLoop,
  sock: Socket,
  file: SentFile,
  stretch: Stretch,
  options: Abortable,
): Promise<boolean> {
  sock._open()
  loop._proactor._associate(sock)
  let size = 0
  while (stretch.sent < stretch.count) {
    const offset = stretch.offset + stretch.sent
    // Beyond its end the system would fail; it may have grown meanwhile.
    if (offset >= size) size = (await statOf(file.fd)).size
    const count = Math.min(mostAtOnce, stretch.count - stretch.sent, size - offset)
    if (count <= 0) break
    const fd = sock._open()
    const result = await completed(
      loop,
      (native, slot, generation) => native.transmitFile(fd, slot, generation, file.fd, offset, count),
      options,
    )
    if (result === 0) break
    if (result > 0) stretch.sent += result
    else if (stretch.sent === 0 && unservable.has(result)) return false
    // What the system calls a connection that the peer has ended.
    else throw systemError(result === -errno.ENOTCONN ? -errno.ECONNRESET : result, 'sendfile')
  }
  return true
}
