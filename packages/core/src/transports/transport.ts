import type { Address } from '../backend/contract.js'
import { NotImplementedError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import type { BaseProtocol } from './protocols.js'

/** What goes in: a string is sent as UTF-8. */
export type Data = Uint8Array | string

function notImplemented(transport: object, method: string): never {
  throw new NotImplementedError(`${method}()`, transport.constructor.name, 'the class does not override it')
}

/** What every transport has. asyncio: `BaseTransport`. */
export abstract class BaseTransport {
  /** A detail by its name: `'peername'`, `'sockname'`, `'socket'`, ...; `fallback` (undefined) where there is none. */
  getExtraInfo(_name: string, fallback?: unknown): unknown {
    return fallback
  }
  isClosing(): boolean {
    return notImplemented(this, 'isClosing')
  }
  /** Flushes what is buffered, then ends the connection; `connectionLost(null)` follows. */
  close(): void {
    notImplemented(this, 'close')
  }
  setProtocol(_protocol: BaseProtocol): void {
    notImplemented(this, 'setProtocol')
  }
  getProtocol(): BaseProtocol {
    return notImplemented(this, 'getProtocol')
  }
  /** Disposing a transport closes it. */
  [Symbol.dispose](): void {
    this.close()
  }
}

/** asyncio: `ReadTransport`. */
export abstract class ReadTransport extends BaseTransport {
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }
  /** No data is delivered until `resumeReading`. Idempotent. */
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }
}

/** Water marks of the write buffer, in bytes. */
export interface WriteBufferLimits {
  high: number
  low: number
}

/** asyncio: `WriteTransport`. */
export abstract class WriteTransport extends BaseTransport {
  /** Never blocks: what the kernel does not take at once is buffered. The bytes are the transport's until sent or copied; the caller may reuse `data`. */
  write(_data: Data): void {
    notImplemented(this, 'write')
  }
  writelines(_chunks: Iterable<Data>): void {
    notImplemented(this, 'writelines')
  }
  /**
   * As `write`, with copies of descriptors beside the first byte of `data`: the peer's protocol gets them by
   * `descriptorsReceived`. The caller's own stay its own, and may be closed at once. SCM_RIGHTS, unix(7).
   * @param data at least one byte
   * @param fds at most 253
   * @throws NotImplementedError on anything but a connection over a Unix socket; `EBADF` for a descriptor that is not open, `ETOOMANYREFS`
   *   and `EMFILE` where the system allows no more; nothing is written then
   */
  sendFds(_data: Data, _fds: readonly FdLike[]): void {
    throw new NotImplementedError('sendFds()', this.constructor.name, 'connections over Unix sockets pass descriptors')
  }
  /** Ends the writing half after what is buffered. */
  writeEof(): void {
    notImplemented(this, 'writeEof')
  }
  canWriteEof(): boolean {
    return notImplemented(this, 'canWriteEof')
  }
  /** Ends the connection at once; what is buffered is dropped. */
  abort(): void {
    notImplemented(this, 'abort')
  }
  getWriteBufferSize(): number {
    return notImplemented(this, 'getWriteBufferSize')
  }
  getWriteBufferLimits(): WriteBufferLimits {
    return notImplemented(this, 'getWriteBufferLimits')
  }
  setWriteBufferLimits(_limits: Partial<WriteBufferLimits>): void {
    notImplemented(this, 'setWriteBufferLimits')
  }
}

/** A two-way stream. asyncio: `Transport`. */
export abstract class Transport extends WriteTransport implements ReadTransport {
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }
}

/** asyncio: `DatagramTransport`. */
export abstract class DatagramTransport extends WriteTransport implements ReadTransport {
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }
  /** No datagram is delivered until `resumeReading`; those for which the system has no room are lost. Idempotent. */
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }
  /**
   * Sends one datagram, which may be empty; never blocks.
   * @param addr to whom; left out or null where the endpoint has a remote address, which it must equal otherwise
   */
  sendto(_data: Data, _addr?: Address): void {
    notImplemented(this, 'sendto')
  }
}

// A loop's own datagram transports inherit from what they share with its stream transports. In asyncio they are of both
// classes; here what can send datagrams counts.
Object.defineProperty(DatagramTransport, Symbol.hasInstance, {
  value(this: typeof DatagramTransport, instance: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, instance)) return true
    return this === DatagramTransport && instance instanceof BaseTransport && 'sendto' in instance
  },
})

/** asyncio: `SubprocessTransport`. */
export abstract class SubprocessTransport extends BaseTransport {
  getPid(): number {
    return notImplemented(this, 'getPid')
  }
  getReturncode(): number | null {
    return notImplemented(this, 'getReturncode')
  }
  getPipeTransport(_fd: number): BaseTransport | null {
    return notImplemented(this, 'getPipeTransport')
  }
  sendSignal(_signal: NodeJS.Signals | number): void {
    notImplemented(this, 'sendSignal')
  }
  terminate(): void {
    notImplemented(this, 'terminate')
  }
  kill(): void {
    notImplemented(this, 'kill')
  }
}
