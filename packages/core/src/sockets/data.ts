import { inspect } from 'node:util'

/** The bytes of what a user sends; a string as UTF-8. */
export function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (typeof data === 'string') return Buffer.from(data)
  throw new TypeError(`data must be a Uint8Array or a string, not ${inspect(data, { depth: 0 })}`)
}

/** Memory to receive into. */
export function memoryOf(buffer: unknown): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer
  throw new TypeError(`buffer must be a Uint8Array, not ${inspect(buffer, { depth: 0 })}`)
}
