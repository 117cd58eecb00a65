import { inspect } from 'node:util'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { BaseProtocol } from './protocols.js'
import { Transport, type WriteBufferLimits } from './transport.js'

const defaultHigh = 64 * 1024

/**
 * Tells the protocol to stop writing when the buffer goes above its high-water mark, and to go on when it is at or below
 * the low one; strictly in turns. asyncio: `_FlowControlMixin`.
 */
export abstract class FlowControlledTransport extends Transport {
  /** @internal */ abstract readonly _loop: BaseEventLoop
  /** @internal */ abstract _protocol: BaseProtocol
  /** @internal */ _protocolPaused = false
  #high = defaultHigh
  #low = defaultHigh / 4

  abstract override getWriteBufferSize(): number

  override getWriteBufferLimits(): WriteBufferLimits {
    return { low: this.#low, high: this.#high }
  }

  /**
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
      this.#report('pauseWriting', exception as Error)
    }
  }

  /** @internal after the buffer shrank */
  _maybeResumeProtocol(): void {
    if (!this._protocolPaused || this.getWriteBufferSize() > this.#low) return
    this._protocolPaused = false
    try {
      this._protocol.resumeWriting?.()
    } catch (exception) {
      this.#report('resumeWriting', exception as Error)
    }
  }

  #report(method: string, exception: Error): void {
    this._loop.callExceptionHandler({
      message: `protocol.${method}() failed`,
      exception,
      transport: this,
      protocol: this._protocol,
    })
  }
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
