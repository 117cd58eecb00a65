/**
 * The loop's `sock*` methods: one system call each, tried at once and again whenever the socket is ready. Arguments are
 * checked at the call; everything else rejects. Between the wait and the call nothing can come in between, so that a
 * cancelled receive loses no byte.
 */
import type { Address } from '../backend/contract.js'
import { BlockingIOError, systemError } from '../errors/index.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Data } from '../transports/transport.js'
import { addressError, checkedAddress, type NativeAddress } from './address.js'
import { bytesOf, memoryOf } from './data.js'
import { begin, checkedSocket, ready, wouldBlock } from './readiness.js'
import { checkedSize } from './received.js'
import { isResolved, resolveFor } from './resolved_address.js'
import type { Socket } from './socket.js'

type Loop = SocketEventLoop

export function sockRecv(loop: Loop, sock: Socket, size: number, options: Abortable = {}): Promise<Buffer> {
  checkedSize(size, 'nbytes')
  return whenReadable(loop, checkedSocket(loop, sock), options, () => sock.recv(size))
}

export function sockRecvInto(loop: Loop, sock: Socket, buffer: Uint8Array, options: Abortable = {}): Promise<number> {
  memoryOf(buffer)
  return whenReadable(loop, checkedSocket(loop, sock), options, () => sock.recvInto(buffer))
}

export function sockRecvfrom(
  loop: Loop,
  sock: Socket,
  size: number,
  options: Abortable = {},
): Promise<[Buffer, Address]> {
  checkedSize(size, 'bufsize')
  return whenReadable(loop, checkedSocket(loop, sock), options, () => sock.recvfrom(size))
}

export function sockRecvfromInto(
  loop: Loop,
  sock: Socket,
  buffer: Uint8Array,
  size = 0,
  options: Abortable = {},
): Promise<[number, Address]> {
  const room = memoryOf(buffer).byteLength
  if (checkedSize(size, 'nbytes') > room) throw new RangeError(`nbytes is ${size}, the buffer has only ${room} bytes`)
  return whenReadable(loop, checkedSocket(loop, sock), options, () => sock.recvfromInto(buffer, size))
}

export function sockAccept(loop: Loop, sock: Socket, options: Abortable = {}): Promise<[Socket, Address]> {
  return whenReadable(loop, checkedSocket(loop, sock), options, () => sock.accept())
}

export function sockSendall(loop: Loop, sock: Socket, data: Data, options: Abortable = {}): Promise<void> {
  return sendall(loop, checkedSocket(loop, sock), bytesOf(data), options)
}

export function sockSendto(
  loop: Loop,
  sock: Socket,
  data: Data,
  address: Address,
  options: Abortable = {},
): Promise<number> {
  checkedSocket(loop, sock)
  return sendto(loop, sock, bytesOf(data), checkedAddress(sock.family, address), options)
}

async function whenReadable<T>(loop: Loop, sock: Socket, options: Abortable, attempt: () => T): Promise<T> {
  begin(loop, sock, options)
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error
    }
    await ready(loop, sock, 'reader', options)
  }
}

async function sendall(loop: Loop, sock: Socket, bytes: Uint8Array, options: Abortable): Promise<void> {
  begin(loop, sock, options)
  await sendBytes(loop, sock, bytes, options)
}

/** For whoever has the right to write to `sock`. */
export async function sendBytes(loop: Loop, sock: Socket, bytes: Uint8Array, options: Abortable): Promise<void> {
  for (let sent = 0; sent < bytes.byteLength; ) {
    const result = sock._ops.send(sock._open(), bytes, sent, bytes.byteLength - sent, 0)
    if (result >= 0) sent += result
    else if (wouldBlock(result)) await ready(loop, sock, 'writer', options)
    else throw systemError(result, 'send')
  }
}

async function sendto(
  loop: Loop,
  sock: Socket,
  bytes: Uint8Array,
  given: NativeAddress,
  options: Abortable,
): Promise<number> {
  begin(loop, sock, options)
  const address = isResolved(sock, given) ? given : await resolveFor(loop, sock, given, options)
  for (;;) {
    const result = sock._ops.sendto(sock._open(), bytes, 0, sock.family, address)
    if (result >= 0) return result
    if (!wouldBlock(result)) throw addressError(result, 'sendto', address)
    await ready(loop, sock, 'writer', options)
  }
}
