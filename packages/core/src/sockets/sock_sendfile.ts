import { errno } from '../errors/errno.js'
import { SendfileNotAvailableError, systemError } from '../errors/index.js'
import type { FileLike } from '../loop/event_loop.js'
import type { SendfileOptions } from '../loop/options.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import { constants as numbers } from './constants.js'
import { begin, checkedSocket, ready, readyDescriptor, wouldBlock } from './readiness.js'
import { type SentFile, type Stretch, withFile } from './sent_file.js'
import { sendBytes } from './sock_operations.js'
import type { Socket } from './socket.js'

/** What a read of the fallback takes at once. */
const chunkSize = 256 * 1024
/** What is sent before other work has its turn: a peer that takes as fast as we give would keep the thread for ever. */
const sliceSize = 4 * 1024 * 1024

/** What sendfile(2) and splice(2) answer for files and sockets that they do not serve. */
const unservable = new Set([-errno.EINVAL, -errno.ENOSYS, -errno.ENOTSOCK, -errno.EOPNOTSUPP, -errno.ENOTSUP])

/**
 * Sends a file over a stream socket with sendfile(2), a pipe with splice(2), or by reading and sending where those cannot
 * serve. A descriptor stays the caller's, positioned behind what was sent; a path is opened and closed.
 * @returns how many bytes were sent: fewer than `count` where the file ended before
 *
 * asyncio: `sock_sendfile`.
 */
export function sockSendfile(
  loop: SocketEventLoop,
  sock: Socket,
  file: FileLike,
  options: SendfileOptions = {},
): Promise<number> {
  checkedSocket(loop, sock)
  if (sock.type !== numbers['SOCK_STREAM']) throw new RangeError('sendfile needs a stream socket')
  const stretch = checkedStretch(options)
  return withFile(loop, file, stretch, async (opened) => {
    begin(loop, sock, options)
    return sendFile(loop, sock, opened, stretch, options)
  })
}

/** @throws TypeError or RangeError for an offset or count that cannot be */
export function checkedStretch({ offset = 0, count = null }: SendfileOptions): Stretch {
  if (typeof offset !== 'number') throw new TypeError(`offset must be a number of bytes, not ${typeof offset}`)
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new RangeError(`offset must be an integer of 0 or more, not ${offset}`)
  if (count === null) return { offset, count: Number.POSITIVE_INFINITY, sent: 0 }
  if (typeof count !== 'number') throw new TypeError(`count must be a number of bytes or null, not ${typeof count}`)
  if (!Number.isSafeInteger(count) || count <= 0) throw new RangeError(`count must be a positive integer, not ${count}`)
  return { offset, count, sent: 0 }
}

/** For whoever has the right to write to `sock`: the caller of `sockSendfile`, or its transport. */
export async function sendFile(
  loop: SocketEventLoop,
  sock: Socket,
  file: SentFile,
  stretch: Stretch,
  options: SendfileOptions,
): Promise<number> {
  const served =
    (file.kind === 'seekable' && (await loop._sendStretch(sock, file, stretch, options))) ||
    (file.kind === 'pipe' && (await spliceNatively(loop, sock, file, stretch, options)))
  if (served) return stretch.sent
  if (options.fallback === false) {
    throw new SendfileNotAvailableError(
      file.kind === 'stream'
        ? 'the file is neither a regular file nor a pipe'
        : 'the system cannot send this file over this socket',
    )
  }
  return sendByReading(loop, file, stretch, options, (bytes) => sendBytes(loop, sock, bytes, options))
}

/** Reads the file, and gives what it read to `transmit`, whose memory that is until it is done. */
export async function sendByReading(
  loop: SocketEventLoop,
  file: SentFile,
  stretch: Stretch,
  options: Abortable,
  transmit: (bytes: Buffer) => PromiseLike<void>,
): Promise<number> {
  const memory = Buffer.allocUnsafeSlow(Math.min(chunkSize, stretch.count))
  while (stretch.sent < stretch.count) {
    const size = Math.min(memory.length, stretch.count - stretch.sent)
    const count = await file.read(loop, memory, size, stretch.offset + stretch.sent, options)
    if (count === 0) break
    await transmit(memory.subarray(0, count))
    stretch.sent += count
  }
  return stretch.sent
}

/** sendfile(2); false if the system cannot do it for this file and socket. */
export async function sendNatively(
  loop: SocketEventLoop,
  sock: Socket,
  file: SentFile,
  stretch: Stretch,
  options: Abortable,
): Promise<boolean> {
  let slice = sliceSize
  while (stretch.sent < stretch.count) {
    const size = Math.min(stretch.count - stretch.sent, slice)
    const result = sock._ops.sendfile(sock._open(), file.fd, stretch.offset + stretch.sent, size)
    if (result === 0) break
    if (result > 0) {
      stretch.sent += result
      slice -= result
    } else if (stretch.sent === 0 && unservable.has(result)) return false
    else if (!wouldBlock(result)) throw systemError(result, 'sendfile')
    if (result < 0 || slice === 0) {
      await ready(loop, sock, 'writer', options)
      slice = sliceSize
    }
  }
  return true
}

/** A pipe's bytes move to the socket inside the kernel. */
async function spliceNatively(
  loop: SocketEventLoop,
  sock: Socket,
  pipe: SentFile,
  stretch: Stretch,
  options: Abortable,
): Promise<boolean> {
  let slice = sliceSize
  // EAGAIN does not say whether the pipe was empty or the socket full, so they are waited for in turns.
  let empty = true
  while (stretch.sent < stretch.count) {
    const size = Math.min(stretch.count - stretch.sent, slice)
    const result = sock._ops.splice(pipe.fd, sock._open(), size)
    if (result === 0) break
    if (result > 0) {
      stretch.sent += result
      slice -= result
      empty = true
      if (slice > 0) continue
    } else if (stretch.sent === 0 && unservable.has(result)) return false
    else if (!wouldBlock(result)) throw systemError(result, 'splice')
    if (result < 0 && empty) await readyDescriptor(loop, pipe.fd, 'reader', options)
    else await ready(loop, sock, 'writer', options)
    empty = result > 0 || !empty
    slice = sliceSize
  }
  return true
}
