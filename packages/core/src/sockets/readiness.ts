import { inspect } from 'node:util'
import { errno } from '../errors/errno.js'
import type { Handle } from '../loop/handle.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { Socket } from './socket.js'

/** Whether the result of a native call says that it would have had to wait. */
export function wouldBlock(result: number): boolean {
  return result === -errno.EAGAIN || result === -errno.EWOULDBLOCK || result === -errno.EINTR
}

/**
 * Waits until `sock` can be read or written, once. The system call comes after the wait, in the awaiting code: a
 * cancelled wait has taken nothing out of the kernel. Who waits for the same next takes the place of who waited before.
 */
export async function ready(
  loop: SocketEventLoop,
  sock: Socket,
  half: 'reader' | 'writer',
  options: Abortable,
): Promise<void> {
  loop._mustBeOpen()
  return readyDescriptor(loop, sock._open(), half, options)
}

/** As `ready`, for a descriptor that is no Socket of ours. */
export async function readyDescriptor(
  loop: SocketEventLoop,
  fd: number,
  half: 'reader' | 'writer',
  options: Abortable,
): Promise<void> {
  loop._mustBeOpen()
  const future = abortable(loop.createFuture<void>(), options.signal)
  const wake = () => {
    if (!future.done()) future.setResult()
  }
  const handle: Handle = half === 'reader' ? loop._addReader(fd, wake) : loop._addWriter(fd, wake)
  // Level-triggered events would come again and again until the awaiting code has its turn.
  future.addDoneCallback(() => remove(loop, fd, half, handle))
  await future
}

/** The handle was cancelled if another operation has taken its place. */
function remove(loop: SocketEventLoop, fd: number, half: 'reader' | 'writer', handle: Handle): void {
  if (handle.cancelled() || loop.isClosed()) return
  if (half === 'reader') loop._removeReader(fd)
  else loop._removeWriter(fd)
}

/** @throws TypeError for what is no Socket of ours; RangeError, in debug mode, for one that somebody made blocking */
export function checkedSocket(loop: SocketEventLoop, sock: unknown): Socket {
  if (!(sock instanceof Socket)) {
    throw new TypeError(`sock must be a Socket, not ${inspect(sock, { depth: 0 })}`)
  }
  if (loop.getDebug() && sock.fileno() !== -1 && sock._ops.isNonblocking(sock.fileno()) === 0) {
    throw new RangeError(`the socket must be non-blocking: ${inspect(sock)} was made blocking through its descriptor`)
  }
  return sock
}

/** What stands between the call and its first attempt. */
export function begin(loop: SocketEventLoop, sock: Socket, options: Abortable): void {
  loop._mustBeOpen()
  loop._mustBeUnowned(sock._open())
  if (options.signal?.aborted) throw abortError(options.signal)
}
