import { inspect } from 'node:util'
import type { Address, AncillaryData, InetAddress, ReceivedAncillaryData, SocketOps } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import { NotImplementedError, systemError } from '../errors/index.js'
import { forgetUnclosed, watchUnclosed } from '../introspection/unclosed.js'
import type { Data } from '../transports/transport.js'
import { addressError, numericAddress } from './address.js'
import { constantOf, constants } from './constants.js'
import { bytesOf, memoryOf } from './data.js'
import { descriptorOf } from './descriptor.js'
import { presented } from './linux_address.js'
import { changeMembership, type GroupOptions, type Interface, setMulticastInterface } from './multicast.js'
import { getOption, type OptionName, type OptionValue, setOption } from './options.js'
import { type PeerCredentials, peerCredentials } from './peer_credentials.js'
import { checkedSize, received } from './received.js'
import { systemMustSupport } from './system_support.js'

/** What a `Socket` is made of. */
export interface SocketOptions {
  /** `constants.AF_INET` if left out. */
  family?: number | undefined
  /** `constants.SOCK_STREAM` if left out. */
  type?: number | undefined
  /** A number of `constants`; 0 for the usual one. */
  proto?: number | undefined
  /** Takes over a descriptor instead of making one; what is left out of the others is asked of the system. */
  fileno?: number | undefined
}

/** What `recvmsg` gave. */
export interface Message {
  /** The bytes of the message. */
  data: Buffer
  /** What came beside them: control messages, cmsg(3). */
  ancillary: ReceivedAncillaryData[]
  /** `MSG_*`: `MSG_TRUNC` if the message was longer, `MSG_CTRUNC` if `ancillary` is not all of it. */
  flags: number
  /** The sender; null of a connected socket. */
  address: Address
}

/** A descriptor that is known to be a non-blocking socket of this kind. */
class Accepted implements SocketOptions {
  constructor(
    readonly family: number,
    readonly type: number,
    readonly proto: number,
    readonly fileno: number,
  ) {}
}

/**
 * A BSD socket: always non-blocking and close-on-exec. A call that would have to wait throws `BlockingIOError`
 * (`EAGAIN`); the loop's `sock*` methods wait. Errors of the system are Node-shaped.
 *
 * ```ts
 * import { constants, Socket } from '@loop/core'
 *
 * using sock = new Socket({ family: constants['AF_INET'], type: constants['SOCK_STREAM'] })
 * sock.setsockopt('SOL_SOCKET', 'SO_REUSEADDR', true)
 * sock.bind({ host: '127.0.0.1', port: 0 })
 * console.log(sock.getsockopt('SOL_SOCKET', 'SO_REUSEADDR'), sock.fileno() > 2)
 * ```
 * prints
 * ```text
 * 1 true
 * ```
 *
 * Python: `socket.socket`.
 */
export class Socket {
  /** `AF_INET`, `AF_INET6`, `AF_UNIX`, ... of `constants`. */
  readonly family: number
  /** `SOCK_STREAM`, `SOCK_DGRAM`, ... of `constants`. */
  readonly type: number
  /** `IPPROTO_TCP`, ... of `constants`; 0 for the usual one. */
  readonly proto: number
  /** @internal */ readonly _ops: SocketOps
  /** @internal the proactor that its operations come back through: it is one for good */ _proactor: object | null =
    null
  #fd: number

  constructor(options: SocketOptions = {}) {
    const { fileno } = options
    this._ops = currentBackend().sockets
    if (options instanceof Accepted) {
      this.family = options.family
      this.type = options.type
      this.proto = options.proto
      this.#fd = options.fileno
    } else if (fileno === undefined) {
      this.family = integer(options.family ?? constants['AF_INET']!, 'family')
      this.type = integer(options.type ?? constants['SOCK_STREAM']!, 'type') & ~typeFlags()
      this.proto = integer(options.proto ?? 0, 'proto')
      this.#fd = checked(this._ops.socket(this.family, this.type, this.proto), 'socket')
    } else {
      const fd = descriptorOf(fileno)
      const ask = (name: string) => getOption(this._ops, fd, 'SOL_SOCKET', name) as number
      // Asked first, because it fails for what is no socket.
      const type = ask('SO_TYPE')
      this.type = integer(options.type ?? type, 'type') & ~typeFlags()
      this.family = integer(options.family ?? familyOf(this._ops, fd, ask), 'family')
      this.proto = integer(options.proto ?? ('SO_PROTOCOL' in constants ? ask('SO_PROTOCOL') : 0), 'proto')
      checked(this._ops.setNonblocking(fd, true), 'fcntl')
      this.#fd = fd
    }
    watchUnclosed(this)
  }

  /** The descriptor's number; -1 once it is closed or detached. */
  fileno(): number {
    return this.#fd
  }

  /** Idempotent. */
  close(): void {
    const fd = this.detach()
    if (fd === -1) return
    const result = this._ops.close(fd)
    // The number is gone whatever close(2) answers, and a reset connection is no news to who closes it.
    if (result < 0 && result !== -constants['ECONNRESET']!) throw systemError(result, 'close')
  }

  /** Lets go of the descriptor without closing it and gives its number. */
  detach(): number {
    const fd = this.#fd
    this.#fd = -1
    forgetUnclosed(this)
    return fd
  }

  /** Another descriptor of the same socket. */
  dup(): Socket {
    const fd = checked(this._ops.dup(this._open()), 'dup')
    return new Socket({ family: this.family, type: this.type, proto: this.proto, fileno: fd })
  }

  /** Blocking is refused: it would stop the whole JavaScript thread. `setBlocking(false)` is what a socket is anyway. */
  setBlocking(on: boolean): void {
    if (on) {
      throw new NotImplementedError(
        'Socket.setBlocking(true)',
        'Socket',
        'a blocking call would stop the JavaScript thread and every loop in it; wait with the methods of the loop (sockRecv, sockSendall, ...)',
      )
    }
    checked(this._ops.setNonblocking(this._open(), true), 'fcntl')
  }

  /** bind(2). A host must be numeric; `''` is every interface. */
  bind(address: Address): void {
    const fd = this._open()
    const native = numericAddress(this.family, address)
    const result = this._ops.bind(fd, this.family, native)
    if (result < 0) throw addressError(result, 'bind', native)
  }

  /** listen(2). `backlog`: connections that may wait in the kernel. */
  listen(backlog = Math.min(128, constants['SOMAXCONN']!)): void {
    checked(this._ops.listen(this._open(), Math.max(0, integer(backlog, 'backlog'))), 'listen')
  }

  /** connect(2). Throws `BlockingIOError` (`EINPROGRESS`) while the connection is being made; see `loop.sockConnect`. */
  connect(address: Address): void {
    const fd = this._open()
    const native = numericAddress(this.family, address)
    const result = this._ops.connect(fd, this.family, native)
    if (result < 0) throw addressError(result, 'connect', native)
  }

  /** accept(2): the connection and its peer. */
  accept(): [Socket, Address] {
    const fd = checked(this._ops.accept(this._open()), 'accept')
    const peer = this._ops.getpeername(fd)
    const socket = this._accepted(fd)
    // A peer that has gone already has no name left; the socket will tell when it is read.
    return [socket, typeof peer === 'number' ? null : presented(this.family, peer)]
  }

  /** recv(2): up to `size` bytes; empty at the end of the stream. */
  recv(size: number, flags = 0): Buffer {
    const fd = this._open()
    checkedSize(size, 'size')
    const result = received(size, (memory) => this._ops.recv(fd, memory, 0, size, integer(flags, 'flags')))
    if (typeof result === 'number') throw systemError(result, 'recv')
    return result
  }

  /** recv(2) into `buffer`, up to `size` bytes (0: all of it); how many came. */
  recvInto(buffer: Uint8Array, size = 0, flags = 0): number {
    const fd = this._open()
    return checked(this._ops.recv(fd, memoryOf(buffer), 0, room(buffer, size), integer(flags, 'flags')), 'recv')
  }

  /** recvfrom(2): a datagram cut to `size` bytes, and its sender. */
  recvfrom(size: number, flags = 0): [Buffer, Address] {
    const fd = this._open()
    checkedSize(size, 'size')
    const sender: Address[] = [null]
    const result = received(size, (memory) => this._ops.recvfrom(fd, memory, 0, size, integer(flags, 'flags'), sender))
    if (typeof result === 'number') throw systemError(result, 'recvfrom')
    return [result, presented(this.family, sender[0] ?? null)]
  }

  /** recvfrom(2) into `buffer`: how many bytes came, and the sender. */
  recvfromInto(buffer: Uint8Array, size = 0, flags = 0): [number, Address] {
    const fd = this._open()
    const sender: Address[] = [null]
    const memory = memoryOf(buffer)
    const count = this._ops.recvfrom(fd, memory, 0, room(memory, size), integer(flags, 'flags'), sender)
    return [checked(count, 'recvfrom'), presented(this.family, sender[0] ?? null)]
  }

  /** send(2): how many bytes the system took, which may be fewer than there are. */
  send(data: Data, flags = 0): number {
    const fd = this._open()
    const bytes = bytesOf(data)
    return checked(this._ops.send(fd, bytes, 0, bytes.byteLength, integer(flags, 'flags')), 'send')
  }

  /** sendto(2): one datagram to `address`, whose host must be numeric. */
  sendto(data: Data, address: Address, flags = 0): number {
    const fd = this._open()
    const native = numericAddress(this.family, address)
    const result = this._ops.sendto(fd, bytesOf(data), integer(flags, 'flags'), this.family, native)
    if (result < 0) throw addressError(result, 'sendto', native)
    return result
  }

  /**
   * recvmsg(2): up to `size` bytes with what came beside them. Descriptors that came (`SCM_RIGHTS`) are the caller's to
   * close; `MSG_CTRUNC` in `flags` says that `ancillarySize` was too small for all.
   * @throws NotImplementedError for an `ancillarySize` on Windows
   */
  recvmsg(size: number, ancillarySize = 0, flags = 0): Message {
    const fd = this._open()
    if (checkedSize(ancillarySize, 'ancillarySize') > 0) systemMustSupport('ancillaryData')
    const memory = Buffer.allocUnsafeSlow(checkedSize(size, 'size'))
    const result = this._ops.recvmsg(fd, [memory], ancillarySize, integer(flags, 'flags'))
    if (typeof result === 'number') throw systemError(result, 'recvmsg')
    const { bytes, ancillary } = result
    const address = presented(this.family, result.address)
    return { data: memory.subarray(0, Math.min(bytes, size)), ancillary, flags: result.flags, address }
  }

  /**
   * sendmsg(2): the buffers as one message, with `ancillary` beside them; how many bytes the system took.
   * @throws NotImplementedError for `ancillary` on Windows
   */
  sendmsg(
    buffers: readonly Data[],
    ancillary: readonly AncillaryData[] = [],
    flags = 0,
    address: Address = null,
  ): number {
    const fd = this._open()
    if (!Array.isArray(buffers)) throw new TypeError(`buffers must be an array, not ${inspect(buffers, { depth: 0 })}`)
    if (ancillary.length > 0) systemMustSupport('ancillaryData')
    const native = address === null ? null : numericAddress(this.family, address)
    const result = this._ops.sendmsg(fd, buffers.map(bytesOf), ancillary, integer(flags, 'flags'), this.family, native)
    if (result < 0) throw addressError(result, 'sendmsg', native)
    return result
  }

  /**
   * getsockopt(2). Numbers or C names (`'SOL_SOCKET'`, `'SO_RCVBUF'`).
   * @returns the C `int`
   */
  getsockopt(level: OptionName, name: OptionName): number
  /**
   * getsockopt(2), for options that are not a C `int`.
   * @param length how many bytes to ask for
   * @returns the bytes
   */
  getsockopt(level: OptionName, name: OptionName, length: number): Buffer
  getsockopt(level: OptionName, name: OptionName, length?: number): number | Buffer {
    return getOption(this._ops, this._open(), level, name, length)
  }

  /** setsockopt(2). Numbers or C names; a number or boolean is passed as a C `int`, bytes as they are. */
  setsockopt(level: OptionName, name: OptionName, value: OptionValue): void {
    setOption(this._ops, this._open(), level, name, value)
  }

  /**
   * Joins a multicast group: what is sent to it comes to this socket too, if that is bound to its port. RFC 3678.
   * @param group a numeric address
   */
  joinGroup(group: string, options: GroupOptions = {}): void {
    changeMembership(this, 'joinGroup', group, options)
  }

  /** Takes a `joinGroup` with the same arguments back. */
  leaveGroup(group: string, options: GroupOptions = {}): void {
    changeMembership(this, 'leaveGroup', group, options)
  }

  /** Where datagrams to groups go out. `IP_MULTICAST_IF`, `IPV6_MULTICAST_IF`. */
  setMulticastInterface(interface_: Interface): void {
    setMulticastInterface(this, interface_)
  }

  /** getsockname(2): its own address; `null` for an unnamed Unix socket. */
  getsockname(): Address {
    return presented(this.family, named(this._ops.getsockname(this._open()), 'getsockname'))
  }

  /** getpeername(2): the address of the other end. */
  getpeername(): Address {
    return presented(this.family, named(this._ops.getpeername(this._open()), 'getpeername'))
  }

  /** Who is at the other end of a connected Unix socket. `ENOTCONN` without a peer. SO_PEERCRED, unix(7). */
  peerCredentials(): PeerCredentials {
    return peerCredentials(this._ops, this.family, this._open())
  }

  /** shutdown(2). `how`: `constants.SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`, or the name. */
  shutdown(how: number | string): void {
    checked(this._ops.shutdown(this._open(), constantOf(how, 'how')), 'shutdown')
  }

  /** Disposing a socket closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  [inspect.custom](): string {
    return `<Socket fd=${this.#fd} family=${this.family} type=${this.type} proto=${this.proto}>`
  }

  /** @internal a socket for a descriptor that accept(2) made on this one, without asking the system what it is */
  _accepted(fd: number): Socket {
    return new Socket(new Accepted(this.family, this.type, this.proto, fd))
  }

  /** @internal its descriptor, or the system's error for a closed one */
  _open(): number {
    if (this.#fd === -1) throw systemError(-constants['EBADF']!, 'socket', { message: 'the socket is closed' })
    return this.#fd
  }
}

/**
 * Two sockets that are connected with each other. Python: `socket.socketpair`.
 * @param options `family`: if left out `AF_UNIX`, on Windows `AF_INET`, which is all it can be there; `type`: `SOCK_STREAM`
 */
export function socketpair(options: Omit<SocketOptions, 'fileno'> = {}): [Socket, Socket] {
  const usual = process.platform === 'win32' ? constants['AF_INET']! : constants['AF_UNIX']!
  const family = integer(options.family ?? usual, 'family')
  const type = integer(options.type ?? constants['SOCK_STREAM']!, 'type') & ~typeFlags()
  const proto = integer(options.proto ?? 0, 'proto')
  const pair = new Int32Array(2)
  checked(currentBackend().sockets.socketpair(family, type, proto, pair), 'socketpair')
  const [first, second] = pair
  return [new Socket({ family, type, proto, fileno: first! }), new Socket({ family, type, proto, fileno: second! })]
}

function checked(result: number, syscall: string): number {
  if (result < 0) throw systemError(result, syscall)
  return result
}

function named(address: Address | number, syscall: string): Address {
  if (typeof address === 'number') throw systemError(address, syscall)
  return address
}

function integer(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, not ${inspect(value)}`)
  if (Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff) return value
  throw new RangeError(`${what} must be a 32-bit integer, not ${value}`)
}

function room(buffer: Uint8Array, size: unknown): number {
  const count = checkedSize(size, 'size')
  if (count > buffer.byteLength)
    throw new RangeError(`size is ${count}, the buffer has only ${buffer.byteLength} bytes`)
  return count === 0 ? buffer.byteLength : count
}

/** Linux takes these in the type's bits; what they ask for is so anyway. */
function typeFlags(): number {
  return (constants['SOCK_NONBLOCK'] ?? 0) | (constants['SOCK_CLOEXEC'] ?? 0)
}

/** Only some systems tell a socket's family directly; on the others its own address shows it. */
function familyOf(ops: SocketOps, fd: number, ask: (name: string) => number): number {
  if ('SO_DOMAIN' in constants) return ask('SO_DOMAIN')
  const name = ops.getsockname(fd)
  if (typeof name === 'number') throw systemError(name, 'getsockname')
  if (typeof name !== 'object' || name === null || name instanceof Uint8Array) return constants['AF_UNIX']!
  return (name as InetAddress).family === 'IPv6' ? constants['AF_INET6']! : constants['AF_INET']!
}
