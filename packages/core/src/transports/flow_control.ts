import { inspect } from 'node:util'
import { isSystemError, LoopError } from '../errors/index.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { BaseProtocol, BufferedProtocol, Protocol } from './protocols.js'
import { Transport, type WriteBufferLimits } from './transport.js'

const defaultHigh = 64 * 1024

/**
 * A transport that has a protocol: tells it to stop writing when the buffer goes above its high-water mark, and to go on
 * when it is at or below the low one; strictly in turns. What transports of one's own extend. asyncio: `_FlowControlMixin`.
 */
export abstract class FlowControlledTransport extends Transport {
  // No method is private to the language, neither here nor in what a stream socket's transport is made of otherwise
  // (descriptor_transport, stream_transport, stream_socket_transport, inbox): V8 keeps a word in every connection for each
  // class that has one.

  /** @internal */ abstract readonly _loop: BaseEventLoop
  /** @internal */ abstract _protocol: BaseProtocol
  /** @internal */ _protocolPaused = false
  #high = defaultHigh
  #low = defaultHigh / 4

  override getProtocol(): BaseProtocol {
    return this._protocol
  }

  /** Switches who is called back; nothing is repeated for the new one, `connectionMade` neither. */
  override setProtocol(protocol: BaseProtocol): void {
    mustBeProtocol(protocol)
    this._protocol = protocol
  }

  abstract override getWriteBufferSize(): number

  override getWriteBufferLimits(): WriteBufferLimits {
    return { low: this.#low, high: this.#high }
  }

  /**
   * Moves the water marks.
   * @param limits in bytes. `high` alone sets `low` to a quarter of it; `low` alone sets `high` to four times it;
   *   neither gives 64 KiB (512 KiB over TLS) and a quarter of it. `high: 0` pauses as soon as anything is buffered.
   * @throws RangeError unless high >= low >= 0
   */
  override setWriteBufferLimits(limits: Partial<WriteBufferLimits> = {}): void {
    const { high, low } = waterMarks(limits, this._usualHigh)
    this.#high = high
    this.#low = low
    this._maybePauseProtocol()
  }

  /** @internal the high-water mark that nobody has set */
  get _usualHigh(): number {
    return defaultHigh
  }

  /** @internal after the buffer grew */
  _maybePauseProtocol(): void {
    if (this._protocolPaused || this.getWriteBufferSize() <= this.#high) return
    this._protocolPaused = true
    try {
      this._protocol.pauseWriting?.()
    } catch (exception) {
      report(this, exception as Error, 'protocol.pauseWriting() failed')
    }
  }

  /** @internal after the buffer shrank */
  _maybeResumeProtocol(): void {
    if (!this._protocolPaused || this.getWriteBufferSize() > this.#low) return
    this._protocolPaused = false
    try {
      this._protocol.resumeWriting?.()
    } catch (exception) {
      report(this, exception as Error, 'protocol.resumeWriting() failed')
    }
  }

  /** Ends it at once, with an error or without; `connectionLost` follows. */
  abstract _forceClose(exception: Error | null): void

  /** Tells the protocol that its connection is there. An error of the protocol's is reported, and the connection goes on. */
  _callConnectionMade(): void {
    try {
      this._protocol.connectionMade?.(this)
    } catch (exception) {
      report(this, exception as Error, 'Exception in callback connectionMade')
    }
  }

  /**
   * Hands what arrived to the protocol, of either kind. An error of the protocol's ends the connection.
   * @returns what did not fit into memory of the protocol's own and is to be handed to it next; null: nothing
   */
  _callDataReceived(data: Buffer): Buffer | null {
    const protocol = this._protocol as Protocol & Partial<BufferedProtocol>
    let call = 'dataReceived'
    try {
      if (typeof protocol.getBuffer !== 'function') {
        protocol.dataReceived?.(data)
        return null
      }
      call = 'getBuffer'
      const buffer = checkedBuffer(protocol.getBuffer(data.length))
      const count = Math.min(buffer.length, data.length)
      buffer.set(data.subarray(0, count))
      call = 'bufferUpdated'
      protocol.bufferUpdated!(count)
      return count < data.length ? data.subarray(count) : null
    } catch (exception) {
      this._fatalError(exception as Error, `Fatal error: protocol.${call}() call failed.`)
      return null
    }
  }

  /** An error that ends the connection; what the network does is everyday and not reported. */
  _fatalError(exception: Error, message: string): void {
    if (!isSystemError(exception)) report(this, exception, message)
    this._forceClose(exception)
  }
}

function report(transport: FlowControlledTransport, exception: Error, message: string): void {
  const { _loop: loop, _protocol: protocol } = transport
  loop.callExceptionHandler({ message, exception, transport, protocol })
}

/** @throws TypeError unless it is an object */
export function mustBeProtocol(protocol: unknown): asserts protocol is BaseProtocol {
  if (typeof protocol === 'object' && protocol !== null) return
  throw new TypeError(`A protocol must be an object, not ${inspect(protocol)}`)
}

/** @throws TypeError, LoopError unless a protocol that was asked for memory has given some */
export function checkedBuffer(buffer: unknown): Uint8Array {
  if (!(buffer instanceof Uint8Array)) {
    throw new TypeError(`getBuffer() must give a Uint8Array, not ${inspect(buffer, { depth: 0 })}`)
  }
  if (buffer.length === 0) throw new LoopError('getBuffer() returned an empty buffer', 'ERR_LOOP_STATE')
  return buffer
}

/**
 * @param usualHigh where neither mark is given
 * @throws TypeError, RangeError unless high >= low >= 0
 */
export function waterMarks(limits: Partial<WriteBufferLimits>, usualHigh: number): WriteBufferLimits {
  const given = { high: limitOf(limits, 'high'), low: limitOf(limits, 'low') }
  const high = given.high ?? (given.low === undefined ? usualHigh : 4 * given.low)
  const low = given.low ?? Math.floor(high / 4)
  if (!(high >= low && low >= 0)) throw new RangeError(`high (${high}) must be >= low (${low}) must be >= 0`)
  return { high, low }
}

function limitOf(limits: Partial<WriteBufferLimits>, name: 'high' | 'low'): number | undefined {
  const value = limits[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number of bytes, not ${inspect(value)}`)
  return value
}
