import { fstat, read } from 'node:fs'
import { open } from 'node:fs/promises'
import { constants } from 'node:os'
import { promisify } from 'node:util'
import { SendfileNotAvailableError, systemError } from '../errors/index.js'
import type { FileLike } from '../loop/event_loop.js'
import type { SendfileOptions } from '../loop/options.js'
import type { SelectorEventLoop } from '../loop/selector_event_loop.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import { constants as numbers } from './constants.js'
import { descriptorOf } from './descriptor.js'
import { begin, checkedSocket, ready, wouldBlock } from './readiness.js'
import { sockSendall } from './sock_operations.js'
import type { Socket } from './socket.js'

const { errno } = constants
const statOf = promisify(fstat)
const readAt = promisify(read)

/** What a read of the fallback takes at once. */
const chunkSize = 256 * 1024
/** What one system call is asked for at most, so that a file on a slow disk does not hold the thread for long. */
const sliceSize = 4 * 1024 * 1024

/** What sendfile(2) answers for files and sockets that it does not serve. */
const unservable = new Set([-errno.EINVAL, -errno.ENOSYS, -errno.ENOTSOCK, -errno.EOPNOTSUPP, -errno.ENOTSUP])

interface Range {
  offset: number
  /** Infinity: to the end. */
  count: number
}

/**
 * Sends a file over a stream socket with sendfile(2), or by reading and sending where that cannot serve. A descriptor
 * stays the caller's and its position as it is; a path is opened and closed.
 * @returns how many bytes were sent
 */
export function sockSendfile(
  loop: SelectorEventLoop,
  sock: Socket,
  file: FileLike,
  options: SendfileOptions = {},
): Promise<number> {
  checkedSocket(loop, sock)
  if (sock.type !== numbers['SOCK_STREAM']) throw new RangeError('sendfile needs a stream socket')
  const range = checkedRange(options)
  return withDescriptor(file, (fd) => send(loop, sock, fd, range, options))
}

/** @throws TypeError or RangeError for an offset or count that cannot be */
export function checkedRange({ offset = 0, count = null }: SendfileOptions): Range {
  if (typeof offset !== 'number') throw new TypeError(`offset must be a number of bytes, not ${typeof offset}`)
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new RangeError(`offset must be an integer of 0 or more, not ${offset}`)
  if (count === null) return { offset, count: Number.POSITIVE_INFINITY }
  if (typeof count !== 'number') throw new TypeError(`count must be a number of bytes or null, not ${typeof count}`)
  if (!Number.isSafeInteger(count) || count <= 0) throw new RangeError(`count must be a positive integer, not ${count}`)
  return { offset, count }
}

/** A path is opened for the time of `use`; a descriptor is used at once. */
export function withDescriptor<T>(file: FileLike, use: (fd: number) => Promise<T>): Promise<T> {
  return typeof file === 'string' || file instanceof URL ? openFor(file, use) : use(descriptorOf(file))
}

async function openFor<T>(path: string | URL, use: (fd: number) => Promise<T>): Promise<T> {
  const handle = await open(path)
  try {
    return await use(handle.fd)
  } finally {
    await handle.close()
  }
}

async function send(
  loop: SelectorEventLoop,
  sock: Socket,
  file: number,
  range: Range,
  options: SendfileOptions,
): Promise<number> {
  begin(loop, sock, options)
  const regular = (await statOf(file)).isFile()
  const sent = regular ? await sendNatively(loop, sock, file, range, options) : null
  if (sent !== null) return sent
  if (options.fallback === false) {
    throw new SendfileNotAvailableError(
      regular ? 'sendfile(2) cannot serve this file and socket' : 'the file is not a regular file',
    )
  }
  return readAndSend(loop, file, regular, range, (bytes) => sockSendall(loop, sock, bytes, options))
}

/** For what is no plain socket: reads the file, and gives what it read to `transmit`, whose memory that is until it is done. */
export async function sendByReading(
  loop: SelectorEventLoop,
  file: FileLike,
  options: SendfileOptions,
  transmit: (bytes: Buffer) => PromiseLike<void>,
): Promise<number> {
  const range = checkedRange(options)
  return withDescriptor(file, async (fd) => {
    const regular = (await statOf(fd)).isFile()
    return readAndSend(loop, fd, regular, range, transmit)
  })
}

/** The bytes sent, or null if the system cannot do it for this file and socket. */
async function sendNatively(
  loop: SelectorEventLoop,
  sock: Socket,
  file: number,
  { offset, count }: Range,
  options: SendfileOptions,
): Promise<number | null> {
  let sent = 0
  while (sent < count) {
    const size = Math.min(count - sent, sliceSize)
    const result = sock._ops.sendfile(sock._open(), file, offset + sent, size)
    if (result > 0) sent += result
    else if (result === 0) break
    else if (wouldBlock(result)) await ready(loop, sock, 'writer', options)
    else if (sent === 0 && unservable.has(result)) return null
    else throw systemError(result, 'sendfile')
  }
  return sent
}

async function readAndSend(
  loop: SelectorEventLoop,
  file: number,
  seekable: boolean,
  { offset, count }: Range,
  transmit: (bytes: Buffer) => PromiseLike<void>,
): Promise<number> {
  const memory = Buffer.allocUnsafeSlow(Math.min(chunkSize, count))
  let sent = 0
  while (sent < count) {
    const size = Math.min(memory.length, count - sent)
    const position = seekable ? offset + sent : null
    // Wrapped, so that a cancellation reaches it; the read itself ends by itself.
    const { bytesRead } = await wrapFuture(readAt(file, memory, 0, size, position), { loop })
    if (bytesRead === 0) break
    await transmit(memory.subarray(0, bytesRead))
    sent += bytesRead
  }
  return sent
}
