import type { TLSSocket } from 'node:tls'
import type { PlainHalf, Written } from './plain_half.js'

interface Write {
  bytes: Uint8Array
  done: Written
}

/** Bytes of what waits that leave together: over a descriptor there is one write in each turn of the host. */
const largestWrite = 256 * 1024

/**
 * A `TLSSocket` without its buffers: its stream's own methods, those that a `Duplex` is made of, are called and replaced.
 * The transports above and below have buffers and flow control, and what a stream has of both is a tenth of what a small
 * message costs.
 */
export class DirectHalf implements PlainHalf {
  readonly #socket: TLSSocket
  #ending = false
  /** Of the write that the engine has. */
  #current: Written | null = null
  #waiting: Write[] = []
  /** One for all writes: there is one at a time. */
  readonly #written: Written = (error) => this.#ended(this.#current!, error)

  readonly #settled: (then: () => void) => void

  /** @param settled calls back when the engine has written what it had to write of itself: after its end nothing can leave */
  constructor(socket: TLSSocket, decrypted: (data: Buffer) => void, settled: (then: () => void) => void) {
    this.#socket = socket
    this.#settled = settled
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
    if (this.#current === null) this.#begin(bytes, done)
    else this.#waiting.push({ bytes, done })
  }

  #begin(bytes: Uint8Array, done: Written): void {
    this.#current = done
    // What a Writable says of bytes, and its type does not know.
    this.#socket._write(bytes, 'buffer' as BufferEncoding, this.#written)
  }

  #ended(done: Written, error?: Error | null): void {
    if (error != null) return this.#fail(done, error)
    this.#current = null
    if (this.#waiting.length > 0) this.#beginWaiting()
    else if (this.#ending) this.#sayEnd()
    done()
  }

  #beginWaiting(): void {
    let count = 0
    let size = 0
    for (const { bytes } of this.#waiting) {
      size += bytes.length
      if (count > 0 && size > largestWrite) break
      count++
    }
    const writes = this.#waiting.splice(0, count)
    if (writes.length === 1) return this.#begin(writes[0]!.bytes, writes[0]!.done)
    this.#current = (error) => {
      for (const { done } of writes) done(error)
    }
    const chunks = writes.map(({ bytes }) => ({ chunk: bytes, encoding: 'buffer' as BufferEncoding }))
    // As a Writable marks what has no strings in it.
    this.#socket._writev!(Object.assign(chunks, { allBuffers: true }), this.#written)
  }

  #fail(done: Written, error: Error): void {
    const lost = this.#waiting
    this.#waiting = []
    this.#current = null
    this.#socket.destroy(error)
    done(error)
    for (const write of lost) write.done(error)
  }

  end(): void {
    this.#ending = true
    if (this.#current === null) this.#sayEnd()
  }

  #sayEnd(): void {
    this.#settled(() => this.#socket.end())
  }
}
