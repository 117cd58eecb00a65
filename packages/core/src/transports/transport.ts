import type { Address } from '../backend/contract.js'
import { NotImplementedError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import type { ExtraInfo } from './extra_info.js'
import type { BaseProtocol } from './protocols.js'

/** What goes in: a string is sent as UTF-8. */
export type Data = Uint8Array | string

function notImplemented(transport: object, method: string): never {
  throw new NotImplementedError(`${method}()`, transport.constructor.name, 'the class does not override it')
}

// The methods are declared with the names of their arguments and written without them: here each of them only throws.

/** What every transport has. asyncio: `BaseTransport`. */
export abstract class BaseTransport {
  /**
   * A detail by its name.
   * @param name see {@link ExtraInfo}
   * @returns `undefined` where there is none
   *
   * asyncio: `get_extra_info`.
   */
  getExtraInfo<K extends keyof ExtraInfo>(name: K): ExtraInfo[K] | undefined
  /**
   * As above.
   * @param name of {@link ExtraInfo}, or what a transport of your own knows
   * @param fallback what to give where there is none
   */
  getExtraInfo(name: string, fallback?: unknown): any
  getExtraInfo(_name: string, fallback?: unknown): unknown {
    return fallback
  }

  /** Whether it is closed or being closed. asyncio: `is_closing`. */
  isClosing(): boolean {
    return notImplemented(this, 'isClosing')
  }

  /** Flushes what is buffered, then ends the connection; `connectionLost(null)` follows. asyncio: `close`. */
  close(): void {
    notImplemented(this, 'close')
  }

  /** Another protocol is called from now on, without a `connectionMade`. asyncio: `set_protocol`. */
  setProtocol(protocol: BaseProtocol): void
  setProtocol(): void {
    notImplemented(this, 'setProtocol')
  }

  /** The protocol that is called. asyncio: `get_protocol`. */
  getProtocol(): BaseProtocol {
    return notImplemented(this, 'getProtocol')
  }

  /** Disposing a transport closes it. */
  [Symbol.dispose](): void {
    this.close()
  }
}

/** A transport that bytes come from. asyncio: `ReadTransport`. */
export abstract class ReadTransport extends BaseTransport {
  /** Whether what arrives is delivered. asyncio: `is_reading`. */
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }

  /** No data is delivered until `resumeReading`. Idempotent. asyncio: `pause_reading`. */
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }

  /** Delivers data again. Idempotent. asyncio: `resume_reading`. */
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }
}

/** Water marks of the write buffer: above `high` the protocol is told to pause, at `low` to go on. */
export interface WriteBufferLimits {
  /** Bytes; 65536 of a plain socket. */
  high: number
  /** Bytes; a quarter of `high`. */
  low: number
}

/** A transport that bytes are written to. asyncio: `WriteTransport`. */
export abstract class WriteTransport extends BaseTransport {
  /**
   * Never blocks: what the kernel does not take at once is buffered. The bytes are the transport's until sent or copied; the
   * caller may reuse `data`.
   * @throws TypeError for what is no data; LoopError after `writeEof()`
   *
   * asyncio: `write`.
   */
  write(data: Data): void
  write(): void {
    notImplemented(this, 'write')
  }

  /** As `write`, for several pieces, which leave together. asyncio: `writelines`. writev(2). */
  writelines(chunks: Iterable<Data>): void
  writelines(): void {
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
  sendFds(data: Data, fds: readonly FdLike[]): void
  sendFds(): void {
    throw new NotImplementedError('sendFds()', this.constructor.name, 'connections over Unix sockets pass descriptors')
  }

  /** Ends the writing half after what is buffered. asyncio: `write_eof`. shutdown(2). */
  writeEof(): void {
    notImplemented(this, 'writeEof')
  }

  /** Whether it has halves to end; TLS has not. asyncio: `can_write_eof`. */
  canWriteEof(): boolean {
    return notImplemented(this, 'canWriteEof')
  }

  /** Ends the connection at once; what is buffered is dropped. asyncio: `abort`. */
  abort(): void {
    notImplemented(this, 'abort')
  }

  /** Bytes that wait to be sent. asyncio: `get_write_buffer_size`. */
  getWriteBufferSize(): number {
    return notImplemented(this, 'getWriteBufferSize')
  }

  /** The water marks. asyncio: `get_write_buffer_limits`. */
  getWriteBufferLimits(): WriteBufferLimits {
    return notImplemented(this, 'getWriteBufferLimits')
  }

  /**
   * Moves the water marks; the one that is left out follows from the other (`high` is four times `low`).
   * @throws RangeError unless `high >= low >= 0`
   *
   * asyncio: `set_write_buffer_limits`.
   */
  setWriteBufferLimits(limits: Partial<WriteBufferLimits>): void
  setWriteBufferLimits(): void {
    notImplemented(this, 'setWriteBufferLimits')
  }
}

/** A two-way stream. asyncio: `Transport`. */
export abstract class Transport extends WriteTransport implements ReadTransport {
  /** Whether what arrives is delivered. asyncio: `is_reading`. */
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }

  /** No data is delivered until `resumeReading`. Idempotent. asyncio: `pause_reading`. */
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }

  /** Delivers data again. Idempotent. asyncio: `resume_reading`. */
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }
}

/** A socket for datagrams. asyncio: `DatagramTransport`. */
export abstract class DatagramTransport extends WriteTransport implements ReadTransport {
  /** Whether what arrives is delivered. */
  isReading(): boolean {
    return notImplemented(this, 'isReading')
  }

  /** No datagram is delivered until `resumeReading`; those for which the system has no room are lost. Idempotent. */
  pauseReading(): void {
    notImplemented(this, 'pauseReading')
  }

  /** Delivers datagrams again. Idempotent. */
  resumeReading(): void {
    notImplemented(this, 'resumeReading')
  }

  /**
   * Sends one datagram, which may be empty; never blocks.
   * @param addr to whom; left out or null where the endpoint has a remote address, which it must equal otherwise
   *
   * asyncio: `sendto`.
   */
  sendto(data: Data, addr?: Address): void
  sendto(): void {
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

/** A child process. asyncio: `SubprocessTransport`. */
export abstract class SubprocessTransport extends BaseTransport {
  /** The number of the process. asyncio: `get_pid`. */
  getPid(): number {
    return notImplemented(this, 'getPid')
  }

  /** How it ended: its code, minus the number of the signal that ended it, or null while it runs. asyncio: `get_returncode`. */
  getReturncode(): number | null {
    return notImplemented(this, 'getReturncode')
  }

  /** The transport of one of its pipes: 0, 1 or 2; null where there is no pipe. asyncio: `get_pipe_transport`. */
  getPipeTransport(fd: number): BaseTransport | null
  getPipeTransport(): BaseTransport | null {
    return notImplemented(this, 'getPipeTransport')
  }

  /**
   * Sends it a signal.
   * @throws `ESRCH` once it has ended
   *
   * asyncio: `send_signal`. kill(2).
   */
  sendSignal(signal: NodeJS.Signals | number): void
  sendSignal(): void {
    notImplemented(this, 'sendSignal')
  }

  /** SIGTERM. asyncio: `terminate`. */
  terminate(): void {
    notImplemented(this, 'terminate')
  }

  /** SIGKILL. asyncio: `kill`. */
  kill(): void {
    notImplemented(this, 'kill')
  }
}
