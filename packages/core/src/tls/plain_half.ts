import type { TLSSocket } from 'node:tls'

export type Written = (error?: Error | null) => void

/** The side of an engine where bytes are not encrypted. */
export interface PlainHalf {
  /** Whether what is written now is encrypted at once; else it waits for what was written before. */
  readonly idle: boolean
  /** @param done called when it is encrypted and has left for the wire, or cannot; `bytes` are free then */
  write(bytes: Uint8Array, done: Written): void
  /** Says close_notify after what was written. */
  end(): void
}

/** A `TLSSocket` as the stream that it is. */
export class StreamHalf implements PlainHalf {
  readonly #socket: TLSSocket

  constructor(socket: TLSSocket, decrypted: (data: Buffer) => void) {
    this.#socket = socket
    socket.on('data', decrypted)
  }

  get idle(): boolean {
    return this.#socket.writableLength === 0
  }

  write(bytes: Uint8Array, done: Written): void {
    this.#socket.write(bytes, done)
  }

  end(): void {
    this.#socket.end()
  }
}
