import type { TLSSocket } from 'node:tls'
import type { PlainHalf, Written } from './plain_half.js'

interface Write {
  bytes: Uint8Array
  done: Written
}

/**
 * A `TLSSocket` without its buffers: its stream's own methods, those that a `Duplex` is made of, are called and replaced.
 * The transports above and below have buffers and flow control, and what a stream has of both is a tenth of what a small
 * message costs.
 */
export class DirectHalf implements PlainHalf {
  readonly #socket: TLSSocket
  #ending = false
  #current: Write | null = null
  readonly #waiting: Write[] = []
  /** One for all writes: there is one at a time. */
  readonly #written: Written = (error) => this.#ended(this.#current!, error)

  constructor(socket: TLSSocket, decrypted: (data: Buffer) => void) {
    this.#socket = socket
    const push = socket.push
    socket.push = (chunk: Buffer | null) => {
      if (chunk === null) return push.call(socket, null)
      decrypted(chunk)
      return true
    }
    // For its end: that comes only to a stream that flows.
    socket.resume()
  }

  get idle(): boolean {
    return this.#current === null
  }

  write(bytes: Uint8Array, done: Written): void {
    const write = { bytes, done }
    if (this.#current === null) this.#begin(write)
    else this.#waiting.push(write)
  }

  #begin(write: Write): void {
    this.#current = write
    // What a Writable says of bytes, and its type does not know.
    this.#socket._write(write.bytes, 'buffer' as BufferEncoding, this.#written)
  }

  #ended({ done }: Write, error?: Error | null): void {
    if (error != null) return this.#fail(done, error)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#begin(next)
    else {
      this.#current = null
      if (this.#ending) this.#socket.end()
    }
    done()
  }

  #fail(done: Written, error: Error): void {
    const lost = this.#waiting.splice(0)
    this.#current = null
    this.#socket.destroy(error)
    done(error)
    for (const write of lost) write.done(error)
  }

  end(): void {
    this.#ending = true
    if (this.#current === null) this.#socket.end()
  }
}
