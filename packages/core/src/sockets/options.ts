import { inspect } from 'node:util'
import type { SocketOps } from '../backend/contract.js'
import { systemError } from '../errors/index.js'
import { constantOf } from './constants.js'

/** A socket option's value: numbers and booleans are passed as a C `int`, anything else as its bytes. */
export type OptionValue = number | boolean | Uint8Array
/** A number, or its C name: `'SOL_SOCKET'`, `'SO_KEEPALIVE'`. */
export type OptionName = number | string

/** What a value longer than an `int` may need; larger ones are asked for with their length. */
const intSize = Int32Array.BYTES_PER_ELEMENT

export function setOption(ops: SocketOps, fd: number, level: OptionName, name: OptionName, value: OptionValue): void {
  const result = ops.setsockopt(fd, constantOf(level, 'level'), constantOf(name, 'name'), optionBytes(value))
  if (result < 0) throw systemError(result, 'setsockopt')
}

export function getOption(
  ops: SocketOps,
  fd: number,
  level: OptionName,
  name: OptionName,
  length?: number,
): number | Buffer {
  if (length !== undefined && !(Number.isInteger(length) && length >= 0 && length <= 65536)) {
    throw new RangeError(`length must be an integer from 0 to 65536, not ${inspect(length)}`)
  }
  const value = Buffer.alloc(length ?? intSize)
  const result = ops.getsockopt(fd, constantOf(level, 'level'), constantOf(name, 'name'), value)
  if (result < 0) throw systemError(result, 'getsockopt')
  if (length !== undefined) return value.subarray(0, result)
  // Some options are a single byte where the int was asked for (IP_MULTICAST_TTL on some systems).
  if (result < intSize) return value.readUIntLE(0, Math.max(1, result))
  return new Int32Array(value.buffer, value.byteOffset, 1)[0]!
}

function optionBytes(value: OptionValue): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError(`An option's value is a number, a boolean or a Uint8Array, not ${inspect(value)}`)
  }
  const number = Number(value)
  if (!Number.isInteger(number) || number < -0x80000000 || number > 0xffffffff) {
    throw new RangeError(`An option's value must be a 32-bit integer, not ${number}`)
  }
  return new Uint8Array(Int32Array.of(number).buffer)
}
