/**
 * What a connection's owner implements. Every method is optional; the loop calls those that are there.
 * Calls come in the order connectionMade, then data and flow control, eofReceived at most once, connectionLost once.
 */
import type { Address } from '../backend/contract.js'
import type { FileDescriptor } from '../sockets/file_descriptor.js'
import type { PacketInfo } from './packet_info.js'
import type { BaseTransport, DatagramTransport, SubprocessTransport, Transport } from './transport.js'

/**
 * What every protocol may have.
 * @typeParam T the kind of transport that it is joined with
 *
 * asyncio: `BaseProtocol`.
 */
export interface BaseProtocol<T extends BaseTransport = BaseTransport> {
  /** The connection is there; the first call. */
  connectionMade?(transport: T): void
  /** `exc` is the error that ended it, or null after a regular close or end of file. */
  connectionLost?(exc: Error | null): void
  /** The write buffer went above its high-water mark: stop writing. */
  pauseWriting?(): void
  /** It is at or below its low-water mark again. */
  resumeWriting?(): void
}

/** Receives a stream in buffers of the loop's. asyncio: `Protocol`. */
export interface Protocol<T extends BaseTransport = Transport> extends BaseProtocol<T> {
  /** `data` is the receiver's to keep. */
  dataReceived?(data: Buffer): void
  /**
   * Descriptors came with bytes that are delivered next, or with some of them; they are the receiver's, see
   * `FileDescriptor`. Without this method what a peer passes is closed by the system. Unix sockets only.
   */
  descriptorsReceived?(fds: FileDescriptor[]): void
  /** The peer will send no more. Anything falsy closes the transport; true keeps the writing half open. */
  eofReceived?(): boolean | undefined | void
}

/** Receives a stream straight into its own memory. asyncio: `BufferedProtocol`. */
export interface BufferedProtocol<T extends BaseTransport = Transport> extends BaseProtocol<T> {
  /** Where the next bytes go; not empty. `sizeHint` is -1 where any size will do. */
  getBuffer(sizeHint: number): Uint8Array
  /** The first `n` bytes of that buffer were filled. */
  bufferUpdated(n: number): void
  /** See `Protocol`. */
  descriptorsReceived?(fds: FileDescriptor[]): void
  /** As that of `Protocol`. */
  eofReceived?(): boolean | undefined | void
}

/** Receives datagrams. asyncio: `DatagramProtocol`. */
export interface DatagramProtocol extends BaseProtocol<DatagramTransport> {
  /**
   * `data` is the receiver's to keep; what is longer than 256 KiB is cut. `addr` is null for a Unix socket without a name.
   * `info` comes if the endpoint was created with `packetInfo`.
   */
  datagramReceived?(data: Buffer, addr: Address, info?: PacketInfo): void
  /** The system refused a datagram, or tells that one did not arrive (`ECONNREFUSED`). The endpoint stays open. */
  errorReceived?(exc: Error): void
}

/** Hears of a child process. asyncio: `SubprocessProtocol`. */
export interface SubprocessProtocol extends BaseProtocol<SubprocessTransport> {
  /** Something came from one of its pipes: 1 for its output, 2 for its errors. */
  pipeDataReceived?(fd: number, data: Buffer): void
  /** One of its pipes is gone. */
  pipeConnectionLost?(fd: number, exc: Error | null): void
  /** It has ended; its pipes may still hold something. */
  processExited?(): void
}

/** A protocol for streams of bytes, of either kind. */
export type StreamingProtocol<T extends BaseTransport = Transport> = Protocol<T> | BufferedProtocol<T>
