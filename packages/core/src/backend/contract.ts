/**
 * What every backend must give.
 *
 * A backend package is a binary and a thin typed loader. Everything else (the `Socket` and `Selector` classes,
 * transports, loops) is written once, in core, on top of the functions below. A backend of another platform gives the
 * same names; what its platform cannot do returns `-ENOSYS`, and `features` says so beforehand.
 *
 * Conventions of the native functions:
 * - A result of zero or more is the result; a negative number is `-errno` of the system. They never throw for what the
 *   system answers, because "would block" is an everyday answer and an exception costs a microsecond.
 * - Arguments of a wrong type or a range outside its buffer throw `TypeError` or `RangeError` at once.
 * - Sockets are made non-blocking and close-on-exec.
 *
 * @packageDocumentation
 */

import type { NativeProactor, NativeWaitable, PipeOps, ProactorName } from './proactor_ops.js'
import type { ProcessOps } from './process_ops.js'
import type { WindowsProcessOps } from './windows_process_ops.js'

export * from './datagram_layout.js'
export * from './proactor_ops.js'
export * from './process_ops.js'
export * from './windows_process_ops.js'

/** Raised by every change to this file that an older binary would not satisfy. */
export const CONTRACT_ABI = 1

/** What a backend is: it tells readiness, or completions. */
export type Backend = SelectorBackend | ProactorBackend

interface BackendBase {
  /** Must equal {@link CONTRACT_ABI}. */
  readonly abi: number
  /** The package that gave it, `@loop/epoll-linux`, and its version. */
  readonly package: string
  /** Its version, which must be core's own. */
  readonly version: string
  /** The platform's numbers by their C names: `AF_INET`, `SO_REUSEPORT`, `EAGAIN`, ... */
  readonly constants: Readonly<Record<string, number>>
  /** The system calls. */
  readonly sockets: SocketOps
  /** Absent where a backend starts no processes. */
  readonly processes?: ProcessOps
}

/** A backend whose pollers tell which descriptors are ready. */
export interface SelectorBackend extends BackendBase {
  /** It tells readiness. */
  readonly kind: 'selector'
  /** The pollers this platform has, by the name used in `LOOP_BACKEND`; the first is the default. */
  readonly pollers: Readonly<Partial<Record<PollerName, new () => NativePoller>>>
  /** What can wait for its pollers. */
  readonly drivers: NativeDrivers
}

/** A backend that carries operations out and tells when they are done. */
export interface ProactorBackend extends BackendBase {
  /** It tells completions. */
  readonly kind: 'proactor'
  /** The proactors this platform has, by the name used in `LOOP_BACKEND`; the first is the default. */
  readonly proactors: Readonly<Partial<Record<ProactorName, new () => NativeProactor>>>
  /** What can wait for its completions. */
  readonly drivers: NativeDrivers
  /** Absent where there are no named pipes. */
  readonly pipes?: PipeOps
  /** Absent where it starts no processes, or those of `processes`. */
  readonly windowsProcesses?: WindowsProcessOps
}

/** The mechanisms of readiness, by the names of `LOOP_BACKEND`. */
export type PollerName = 'epoll' | 'poll' | 'select' | 'kqueue' | 'afd'

/** Interest and readiness, as Python's `selectors.EVENT_READ` and `EVENT_WRITE`. */
export const EVENT_READ = 1
/** As `EVENT_READ`, for writing. */
export const EVENT_WRITE = 2

/**
 * A set of watched descriptors. A registration is known by `slot` and `generation`, never by its descriptor alone:
 * numbers get reused, and an event that was collected before a `remove` must not meet the next owner of the number.
 */
export interface NativePoller extends NativeWaitable {
  /** What `wait` found: triples of slot, generation, mask of EVENT_READ and EVENT_WRITE. Errors and hang-ups set both bits that were asked for. */
  readonly events: Int32Array
  /** 0, or -EEXIST, -EBADF, -EPERM (a regular file), -EMFILE (beyond FD_SETSIZE), ... */
  add(fd: number, slot: number, generation: number, events: number): number
  /** Other events for a descriptor that is watched; 0 or -ENOENT. */
  modify(fd: number, slot: number, generation: number, events: number): number
  /** Succeeds also for a descriptor that was closed meanwhile. */
  remove(fd: number): number
  /** Blocks up to `timeout` milliseconds (fractions count; 0 polls), gives the number of events, or -EINTR. At most `events.length / 3`. */
  wait(timeout: number): number
  /** The descriptor that becomes readable when something is ready, or -1 where the mechanism has none (poll, select). */
  fileno(): number
  /** Idempotent. */
  close(): void
}

/** What drives a loop: waits for the poller beside the host's own loop and calls `runSlice` when there is work. */
export interface NativeDrivers {
  /** Rides on the host's libuv loop. Absent where the host has none (Bun, Deno) or the platform's mechanism cannot be nested. Needs a poller with a descriptor. */
  readonly UvDriver?: new (
    poller: NativePoller,
    state: Int32Array,
    times: Float64Array,
    runSlice: () => void,
  ) => NativeDriver
  /** Waits in a thread of its own and calls `onReady` on the loop's thread; the slices are then chained by JavaScript. */
  readonly WaiterThread: new (
    poller: NativeWaitable,
    onReady: () => void,
  ) => NativeWaiter
}

/** Indices into the `Int32Array` that a {@link NativeDriver} shares with its loop, so that neither has to call the other to look. */
/** Native -> JS: events that the poll of this pass collected; -errno when the poll failed. */
export const STATE_EVENTS = 0
/** JS -> native: MORE_HANDLES when this pass goes on after the microtasks; native -> JS: MORE_END_OF_RUN. */
export const STATE_MORE = 1
/** JS -> native: handles that wait for the next pass. */
export const STATE_READY = 2
/** JS -> native: end the run after this pass. */
export const STATE_STOP = 3
/** Native -> JS: 1 while native is inside its pass loop, when waking it is needless. */
export const STATE_ACTIVE = 4
/** How many words there are. */
export const STATE_LENGTH = 8

/** The pass is over. */
export const MORE_NONE = 0
/** The pass goes on after the microtasks. */
export const MORE_HANDLES = 1
/** Set by the driver for one last entry after a pass that left STATE_STOP set. */
export const MORE_END_OF_RUN = 2

/** Index into the `Float64Array` shared likewise: when the earliest timer is due, in milliseconds of the system's monotonic clock; Infinity for none. */
export const TIME_DEADLINE = 0 // JS -> native
/** How many times there are. */
export const TIMES_LENGTH = 1

/** What rides on the host's libuv loop. */
export interface NativeDriver {
  /** Begins to run: keeps the process alive, and makes the first pass in the host's next turn. */
  start(): void
  /** The run has ended: the process may end. Called from inside a slice or from outside. */
  stop(): void
  /** Work appeared outside a pass (a host callback called `callSoon`, an earlier timer): makes a pass in this turn of the host. */
  wake(): void
  /** Frees what it holds; idempotent; allowed at any time but inside its own `runSlice`, where it takes effect afterwards. */
  close(): void
}

/** What waits in a thread of its own. */
export interface NativeWaiter {
  /** Wait for readiness or for `timeout` milliseconds (Infinity: no limit), then call `onReady` once. Keeps the process alive meanwhile if `ref`. */
  arm(timeout: number): void
  /** End a pending wait at once (`onReady` is called); idempotent, callable from any thread's JavaScript. */
  wake(): void
  /** A pending wait keeps the process alive. */
  ref(): void
  /** It does not. */
  unref(): void
  /** Ends the thread and joins it. Idempotent. */
  close(): void
}

/**
 * An address as the user sees it: IP as an object, Unix as a path (a leading NUL is the abstract namespace), those of virtual
 * machines and network devices as objects; of other families the bytes of their structure after the family.
 */
export type Address = InetAddress | VsockAddress | PacketAddress | string | Buffer | null
/** An address of IP. */
export interface InetAddress {
  /** A numeric address, or where names are resolved a name; `''` is every interface. */
  host: string
  /** 0 to 65535; 0 where the system is to choose one. */
  port: number
  /** Always there on output. */
  family?: 'IPv4' | 'IPv6'
  /** IPv6 only: the flow label. RFC 8200. */
  flowinfo?: number
  /** IPv6 only: the interface of a link-local address. */
  scopeid?: number
}

/** AF_VSOCK: a port of a virtual machine or its host, vsock(7). */
export interface VsockAddress {
  /** Whose: `constants.VMADDR_CID_HOST`, `VMADDR_CID_LOCAL`, `VMADDR_CID_ANY`, or a machine's number. */
  cid: number
  /** `constants.VMADDR_PORT_ANY` for any that is free. */
  port: number
}

/** AF_PACKET: a network device and what goes over it, packet(7). */
export interface PacketAddress {
  /** Its name, or its index; 0 for every device. */
  interface: string | number
  /** `constants.ETH_P_ALL`, `ETH_P_IP`, ...; 0 for none. */
  protocol?: number
  /** Where a packet went: `constants.PACKET_HOST`, `PACKET_OUTGOING`, ... */
  pkttype?: number
  /** The kind of hardware, `ARPHRD_*`. */
  hatype?: number
  /** The hardware's address, up to 8 bytes. */
  hwaddr?: Uint8Array
}

/** One control message: `sendmsg(2)`, `cmsg(3)`. */
export interface AncillaryData {
  /** The protocol it belongs to: `SOL_SOCKET`. */
  level: number
  /** What it is: `SCM_RIGHTS`. */
  type: number
  /** Its bytes, as C has them. */
  data: Uint8Array
}

/** One control message that came: `recvmsg(2)`. */
export interface ReceivedAncillaryData extends AncillaryData {
  /** Its bytes, as C has them; the receiver's to keep. */
  data: Buffer
}

/** What `recvmsg(2)` gave. */
export interface ReceivedMessage {
  /** How many bytes the message has; more than there was room for if it was cut. */
  bytes: number
  /** `MSG_*`. */
  flags: number
  /** The sender. */
  address: Address
  /** What came beside it. */
  ancillary: ReceivedAncillaryData[]
}

/** Function names are the C ones; `family` tells how to pack the address. All by descriptor: ownership is core's. */
export interface SocketOps {
  /** socket(2): the descriptor. */
  socket(family: number, type: number, proto: number): number
  /** Writes the two descriptors into `pair`. */
  socketpair(family: number, type: number, proto: number, pair: Int32Array): number
  /** `address`: numeric host only ('' is the wildcard); -EINVAL if it does not parse. Other families than IP and Unix take the bytes after `sa_family`. */
  bind(fd: number, family: number, address: InetAddress | string | Uint8Array): number
  /**
   * What tells the file of a Unix socket from every other one; null if there is none at `path`, or one that is no socket.
   * Only where `fs.stat` cannot look at such files, which is on Windows.
   */
  socketFile?(path: string): string | null | number
  /** connect(2); -EINPROGRESS while the connection is being made. */
  connect(fd: number, family: number, address: InetAddress | string | Uint8Array): number
  /** listen(2). */
  listen(fd: number, backlog: number): number
  /** The new descriptor. */
  accept(fd: number): number
  /** close(2). */
  close(fd: number): number
  /** shutdown(2). */
  shutdown(fd: number, how: number): number
  /** dup(2): the new descriptor. */
  dup(fd: number): number
  /** fcntl(2), `O_NONBLOCK`. */
  setNonblocking(fd: number, on: boolean): number
  /** fcntl(2): 1, or 0 for one that blocks. */
  isNonblocking(fd: number): number
  /** `null` for an unnamed Unix peer; a number is -errno. */
  getsockname(fd: number): Address | number
  /** getpeername(2). */
  getpeername(fd: number): Address | number
  /** Fills `value`, gives its length. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number
  /** setsockopt(2). */
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number

  /**
   * Frees the memory of `bytes` now, and not when the collector comes to it: 1, and they are empty from then on. 0 where the
   * memory holds more than these bytes, or is none that can be given back.
   */
  release(bytes: Uint8Array): number
  /** recv(2) into a part of `buffer`; how many bytes. */
  recv(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number
  /** send(2) of a part of `buffer`; how many bytes. */
  send(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number
  /** Gathers `buffers[from..]`, the first from `offset` on, at most IOV_MAX; bytes written. */
  sendv(fd: number, buffers: readonly Uint8Array[], from: number, offset: number): number
  /** Sets `out[0]` to the sender. */
  recvfrom(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number, out: Address[]): number
  /** sendto(2); how many bytes. */
  sendto(
    fd: number,
    buffer: Uint8Array,
    flags: number,
    family: number,
    address: InetAddress | string | Uint8Array,
  ): number
  /** recvmsg(2) into the buffers, one after another. */
  recvmsg(fd: number, buffers: readonly Uint8Array[], ancillarySize: number, flags: number): ReceivedMessage | number
  /** sendmsg(2) of the buffers as one message; how many bytes. */
  sendmsg(
    fd: number,
    buffers: readonly Uint8Array[],
    ancillary: readonly AncillaryData[],
    flags: number,
    family: number,
    address: InetAddress | string | Uint8Array | null,
  ): number

  /**
   * Up to `count` datagrams of up to `size` bytes into `slab` (INCOMING_*), without waiting; how many. `control`: whether
   * what the socket was asked to tell of each is wanted. Where the system has no such call, one for each.
   */
  recvmmsg(fd: number, slab: Uint8Array, count: number, size: number, control: boolean): number
  /** Copies the datagrams `from` to `upto` that `recvmmsg` left in `slab` behind each other into `memory`; their bytes. */
  gather(slab: Uint8Array, from: number, upto: number, size: number, memory: Uint8Array): number
  /**
   * The datagrams `from` to `upto` of `slab` (OUTGOING_*), without waiting: how many left, or the error of the first. Runs of
   * datagrams of one size up to `segment` bytes are handed over together (UDP_SEGMENT), and fail together; 0: none.
   * `oneByOne`: with a system call for each, which knows every error.
   */
  sendmmsg(fd: number, slab: Uint8Array, from: number, upto: number, segment: number, oneByOne: boolean): number
  /** Writes an address as the system takes it, into ADDRESS_ROOM bytes; how many. */
  packAddress(family: number, address: InetAddress | string | Uint8Array, out: Uint8Array): number
  /** The other way, from `size` bytes at `offset`. */
  unpackAddress(slab: Uint8Array, offset: number, size: number): Address
  /** MCAST_JOIN_GROUP, or MCAST_JOIN_SOURCE_GROUP with a source; RFC 3678. `iface`: an interface's number, 0 for the system's choice. */
  joinGroup(fd: number, family: number, iface: number, group: InetAddress, source: InetAddress | null): number
  /** Leaves it. */
  leaveGroup(fd: number, family: number, iface: number, group: InetAddress, source: InetAddress | null): number
  /** IP_MULTICAST_IF, IPV6_MULTICAST_IF. */
  setMulticastInterface(fd: number, family: number, iface: number): number

  /** `read(2)` and `write(2)`: for descriptors that are not sockets. */
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number
  /** write(2). */
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number
  /** Bytes sent from `file` at `offset`, up to `count`. */
  sendfile(fd: number, file: number, offset: number, count: number): number
  /** Bytes moved from a pipe to `fd` inside the kernel, up to `count`; never waits for the pipe. */
  splice(pipe: number, fd: number, count: number): number
  /** `lseek(2)` from the beginning; the position. */
  lseek(fd: number, offset: number): number
  /** The port of a service, `getservbyname(3)`, or -ENOENT. `proto` is 'tcp', 'udp' or ''. */
  getservbyname(name: string, proto: string): number
  /** Its name, `getservbyport(3)`, or null. */
  getservbyport(port: number, proto: string): string | null
  /** `if_nametoindex(3)`: an interface's number, for scoped IPv6 addresses. */
  ifNameToIndex(name: string): number
  /** `if_indextoname(3)`, or null. */
  ifIndexToName(index: number): string | null
}
