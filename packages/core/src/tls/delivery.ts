import { waterMarks } from '../transports/flow_control.js'
import type { Protocol } from '../transports/protocols.js'
import type { WriteBufferLimits } from '../transports/transport.js'
import type { TlsTransport } from './tls_transport.js'

const usualHigh = 256 * 1024

/**
 * What the engine has decrypted, handed to the protocol in the loop's turn. What a protocol that paused leaves waiting
 * stops the engine above the high-water mark, and lets it go on at the low one.
 */
export class Delivery {
  readonly #transport: TlsTransport
  #chunks: Buffer[] = []
  #size = 0
  #limits = waterMarks({}, usualHigh)
  #begun = false
  #scheduled = false
  #held = false
  #ended = false
  #paused = false
  #stopped = false

  constructor(transport: TlsTransport) {
    this.#transport = transport
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#size
  }

  get limits(): WriteBufferLimits {
    return this.#limits
  }

  setLimits(limits: Partial<WriteBufferLimits>): void {
    this.#limits = waterMarks(limits, usualHigh)
    this.#throttle()
  }

  push(data: Buffer): void {
    this.#chunks.push(data)
    this.#size += data.length
    if (this.#held) return
    this.#throttle()
    this.#schedule()
  }

  /** The peer sends no more. */
  end(): void {
    this.#ended = true
    this.#schedule()
  }

  /** From now on the protocol is told what arrives. */
  begin(): void {
    this.#begun = true
    this._deliver()
  }

  /** This is the loop's turn: what is decrypted until `release` need not wait for another one. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    if (this.#begun) this._deliver()
    else this.#throttle()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  clear(): void {
    this.#chunks = []
    this.#size = 0
  }

  #schedule(): void {
    const loop = this.#transport._loop
    if (this.#held || this.#scheduled || !this.#begun || this.#paused || loop.isClosed()) return
    this.#scheduled = true
    loop.callSoon(deliver, this)
  }

  /** @internal */
  _deliver(): void {
    this.#scheduled = false
    const transport = this.#transport
    while (this.#chunks.length > 0 && !this.#paused && transport._delivers) {
      const chunk = this.#chunks.shift()!
      this.#size -= chunk.length
      const rest = transport._callDataReceived(chunk)
      if (rest === null || !transport._delivers) continue
      this.#chunks.unshift(rest)
      this.#size += rest.length
    }
    if (!transport._delivers) return
    this.#throttle()
    if (this.#ended && !this.#paused) this.#tellEnd()
  }

  #throttle(): void {
    const { high, low } = this.#limits
    if (this.#stopped ? this.#size > low : this.#size <= high) return
    this.#stopped = !this.#stopped
    this.#transport._throttleEngine(this.#stopped)
  }

  /** Whatever a protocol answers, the connection closes: its halves cannot end one by one, but for one that says so. */
  #tellEnd(): void {
    const protocol = this.#transport._protocol as Protocol & HalfOpen
    this.#ended = false
    try {
      if (protocol.eofReceived?.() && protocol._halfOpen) return
    } catch (exception) {
      return this.#transport._fatalError(exception as Error, 'Fatal error: protocol.eofReceived() call failed.')
    }
    this.#transport.close()
  }
}

/** A protocol that knows of halves over TLS: what `eofReceived` answers counts, and `_endWriting` may be called. */
export interface HalfOpen {
  readonly _halfOpen?: boolean
}

function deliver(delivery: Delivery): void {
  delivery._deliver()
}
