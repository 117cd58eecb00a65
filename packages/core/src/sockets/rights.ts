/** Descriptors that travel beside data over Unix sockets: SCM_RIGHTS, unix(7). */
import { inspect } from 'node:util'
import type { Address, AncillaryData, ReceivedMessage, SocketOps } from '../backend/contract.js'
import { systemError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import type { Data } from '../transports/transport.js'
import { constants } from './constants.js'
import { descriptorOf } from './descriptor.js'
import { FileDescriptor } from './file_descriptor.js'
import { checkedSize } from './received.js'
import type { Socket } from './socket.js'
import { systemMustSupport } from './system_support.js'

/** What Linux takes in one message (SCM_MAX_FD); other systems take no more. */
export const mostDescriptors = 253

const intSize = Int32Array.BYTES_PER_ELEMENT
/** For the header, and for what else an option of the socket may add (SO_PASSCRED, SO_TIMESTAMP). */
const otherRoom = 256

/** What `recvFds` gave. */
export interface ReceivedDescriptors {
  /** The bytes that came with them. */
  data: Buffer
  /** The receiver's; see `FileDescriptor`. */
  fds: FileDescriptor[]
  /** `MSG_*`; `MSG_CTRUNC` if there were more descriptors than room. */
  flags: number
  /** The sender; null of a connected socket. */
  address: Address
}

/**
 * One message with copies of `fds` beside it; a stream socket needs at least one byte of data for them. Non-blocking.
 * @returns how many bytes the system took
 * @throws BlockingIOError; `EBADF` for a descriptor that is not open; NotImplementedError on Windows
 *
 * Python: `socket.send_fds`.
 */
export function sendFds(
  sock: Socket,
  buffers: readonly Data[],
  fds: readonly FdLike[],
  flags = 0,
  address: Address = null,
): number {
  const numbers = checkedDescriptors(fds)
  if (numbers.length > 0) systemMustSupport('passDescriptors')
  return sock.sendmsg(buffers, numbers.length === 0 ? [] : [rights(numbers)], flags, address)
}

/**
 * One message of up to `size` bytes and up to `maxFds` descriptors. `MSG_CTRUNC` in `flags`: there were more descriptors, and
 * those are closed. Non-blocking.
 * @throws BlockingIOError; NotImplementedError on Windows
 *
 * Python: `socket.recv_fds`.
 */
export function recvFds(sock: Socket, size: number, maxFds: number, flags = 0): ReceivedDescriptors {
  if (checkedSize(maxFds, 'maxFds') > 0) systemMustSupport('passDescriptors')
  const room = maxFds === 0 ? 0 : roomFor(Math.min(maxFds, mostDescriptors))
  const message = sock.recvmsg(size, room, flags)
  const fds = descriptorsOf(message)
  const tooMany = fds.splice(maxFds)
  closeAll(tooMany)
  return {
    data: message.data,
    fds,
    flags: tooMany.length > 0 ? message.flags | constants['MSG_CTRUNC']! : message.flags,
    address: message.address,
  }
}

/** @throws TypeError, RangeError for what are no descriptors, or too many of them */
export function checkedDescriptors(fds: unknown): number[] {
  if (!Array.isArray(fds)) throw new TypeError(`fds must be an array, not ${inspect(fds, { depth: 0 })}`)
  if (fds.length <= mostDescriptors) return fds.map(descriptorOf)
  throw new RangeError(`One message carries at most ${mostDescriptors} descriptors, not ${fds.length}`)
}

/** The control message that carries copies of `fds`. */
export function rights(fds: readonly number[]): AncillaryData {
  const data = new Uint8Array(Int32Array.from(fds).buffer)
  return { level: constants['SOL_SOCKET']!, type: constants['SCM_RIGHTS']!, data }
}

/** Control memory in which `count` descriptors have room. */
export function roomFor(count: number): number {
  return otherRoom + count * intSize
}

/** Takes what descriptors came in a message. A pidfd that an option of the socket added is closed: nobody asked us for it. */
export function descriptorsOf({ ancillary }: Pick<ReceivedMessage, 'ancillary'>): FileDescriptor[] {
  const { SOL_SOCKET, SCM_RIGHTS, SCM_PIDFD } = constants
  const taken: FileDescriptor[] = []
  for (const { level, type, data } of ancillary) {
    if (level !== SOL_SOCKET || (type !== SCM_RIGHTS && type !== SCM_PIDFD)) continue
    const fds: FileDescriptor[] = []
    for (let at = 0; at + intSize <= data.length; at += intSize) fds.push(new FileDescriptor(data.readInt32LE(at)))
    if (type === SCM_RIGHTS) taken.push(...fds)
    else closeAll(fds)
  }
  return taken
}

/** Copies for later; all or none. @throws what dup(2) answers */
export function duplicates(ops: SocketOps, fds: readonly number[]): FileDescriptor[] {
  const copies: FileDescriptor[] = []
  for (const fd of fds) {
    const copy = ops.dup(fd)
    if (copy >= 0) copies.push(new FileDescriptor(copy))
    else {
      closeAll(copies)
      throw systemError(copy, 'dup', { message: `descriptor ${fd} cannot be passed on` })
    }
  }
  return copies
}

/** Where nobody could be told of an error: the numbers are gone whatever close(2) answers. */
export function closeAll(fds: Iterable<FileDescriptor>): void {
  for (const owner of fds) {
    try {
      owner.close()
    } catch {}
  }
}
