/**
 * Errors on their way between threads. The structured clone of an error keeps its message and stack and the classes of
 * the language; this keeps the classes of the library too, and `code`, `errno` and whatever else stands on it.
 */
import { inspect } from 'node:util'
import * as errors from '../errors/index.js'

/** What an error is on the way. */
export type CrossingError =
  | {
      /** What it is called, which tells its class. */
      readonly name: string
      /** Its message. */
      readonly message: string
      /** Its stack, if it has one. */
      readonly stack: string | undefined
      /** What else stands on it: `code`, `errno`, ... */
      readonly own: Readonly<Record<string, unknown>>
      /** Its cause. */
      readonly cause: CrossingError | undefined
      /** Of an `AggregateError`. */
      readonly errors: readonly CrossingError[] | undefined
    }
  | {
      /** What was thrown and is no error. */
      readonly thrown: unknown
    }

const kept = new Set(['message', 'stack', 'cause', 'errors'])
const deepest = 8

/** `error` as it crosses; what of it cannot be copied is left out. */
export function packError(error: unknown, depth = 0): CrossingError {
  if (!(error instanceof Error)) return { thrown: copyable(error) ? error : inspect(error) }
  const own: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    const value = (error as unknown as Record<string, unknown>)[key]
    if (!kept.has(key) && copyable(value)) own[key] = value
  }
  const inner = (value: unknown) => packError(value, depth + 1)
  const follow = depth < deepest
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    own,
    cause: follow && error.cause !== undefined ? inner(error.cause) : undefined,
    errors: follow && error instanceof AggregateError ? error.errors.map(inner) : undefined,
  }
}

/** The error again, of the class it had if that is one of the language's or the library's, else an `Error` of its name. */
export function unpackError(packed: CrossingError): unknown {
  if ('thrown' in packed) return packed.thrown
  const { name, message, stack, own, cause, errors: inner } = packed
  const options = cause === undefined ? {} : { cause: unpackError(cause) }
  const error =
    inner === undefined ? new Error(message, options) : new AggregateError(inner.map(unpackError), message, options)
  const prototype = classes[name]?.prototype as object | undefined
  if (inner === undefined && prototype !== undefined) Object.setPrototypeOf(error, prototype)
  Object.assign(error, own)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true })
  return error
}

// biome-ignore lint/complexity/noBannedTypes: classes with constructors of every kind
const classes: Record<string, Function> = Object.assign(
  Object.create(null),
  { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
  Object.fromEntries(
    Object.entries(errors).filter(([, value]) => Object.hasOwn(value, 'prototype') && value.prototype instanceof Error),
  ),
)

function copyable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
