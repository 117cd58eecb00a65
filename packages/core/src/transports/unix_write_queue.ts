import type { SocketOps } from '../backend/contract.js'
import { constants } from '../sockets/constants.js'
import type { FileDescriptor } from '../sockets/file_descriptor.js'
import { closeAll, rights } from '../sockets/rights.js'
import type { StreamOps } from './descriptor_transport.js'
import { type Outbox, WriteQueue } from './write_queue.js'

interface Segment {
  readonly bytes: WriteQueue
  /** Travel beside the first of the bytes, with the first write that the system takes. */
  fds: readonly FileDescriptor[]
}

/** What waits on a Unix socket. Bytes that must not leave in the same system call as others are segments of their own. */
export class UnixWriteQueue implements Outbox {
  readonly #messages: boolean
  #segments: Segment[] = []
  #size = 0

  /** @param messages each `push` is a message, which is sent by itself */
  constructor(messages: boolean) {
    this.#messages = messages
  }

  get size(): number {
    return this.#size
  }

  push(bytes: Uint8Array, fds: readonly FileDescriptor[] = []): void {
    let last = this.#segments.at(-1)
    if (last === undefined || this.#messages || fds.length > 0) {
      last = { bytes: new WriteQueue(), fds }
      this.#segments.push(last)
    }
    last.bytes.push(bytes)
    this.#size += bytes.length
  }

  clear(): void {
    for (const { fds } of this.#segments) closeAll(fds)
    this.#segments = []
    this.#size = 0
  }

  send(ops: SocketOps, fd: number): number {
    const segment = this.#segments[0]!
    const { bytes, fds } = segment
    const sent = bytes.send(fds.length === 0 ? ops : beside(ops, fds), fd)
    if (sent <= 0) return sent
    closeAll(fds)
    segment.fds = []
    this.#size -= sent
    if (bytes.size === 0) this.#segments.shift()
    return sent
  }
}

/** Sends `bytes` with copies of the descriptors `fds`. */
export function sendBeside(ops: SocketOps, fd: number, bytes: readonly Uint8Array[], fds: readonly number[]): number {
  return ops.sendmsg(fd, bytes, [rights(fds)], 0, constants['AF_UNIX']!, null)
}

/** The calls of a write queue, which take descriptors along. */
function beside(ops: SocketOps, owners: readonly FileDescriptor[]): StreamOps {
  const fds = owners.map((owner) => owner.fileno())
  return {
    recv: ops.recv,
    send: (fd, buffer, offset, length) => sendBeside(ops, fd, [buffer.subarray(offset, offset + length)], fds),
    sendv: (fd, [first, ...rest], _from, offset) => sendBeside(ops, fd, [first!.subarray(offset), ...rest], fds),
  }
}
