/**
 * A context on its way to another thread, where the variables are other objects: the same module, loaded there, made
 * them. They are known again by their names.
 */
import { LoopError } from '../errors/index.js'
import { type Context, type ContextVar, type Received, receivedContext } from './context.js'

/** A value, or why it stayed behind. */
export type CrossingValue = { readonly value: unknown } | { readonly why: string }
export type CrossingContext = ReadonlyMap<string, CrossingValue>

/**
 * The values of `context` as they cross. One that cannot be copied does not keep the others from crossing: asking for it
 * on the other side throws.
 */
export function packContext(context: Context): CrossingContext {
  const packed = new Map<string, CrossingValue>()
  const namesakes = new Map<string, ContextVar<unknown>>()
  for (const [key, value] of context._values) {
    if (typeof key === 'string') {
      if (!packed.has(key)) packed.set(key, repack(value as Received))
    } else if (namesakes.has(key.name)) {
      packed.set(key.name, { why: 'two variables have this name, and in another thread only names tell them apart' })
    } else {
      namesakes.set(key.name, key)
      packed.set(key.name, packValue(value))
    }
  }
  return packed
}

/** The context on the other side. */
export function unpackContext(packed: CrossingContext): Context {
  const values = new Map<string, Received>()
  for (const [name, crossed] of packed) values.set(name, 'why' in crossed ? new LeftBehind(name, crossed.why) : crossed)
  return receivedContext(values)
}

function packValue(value: unknown): CrossingValue {
  try {
    structuredClone(value)
    return { value }
  } catch (error) {
    return { why: (error as Error).message }
  }
}

function repack(received: Received): CrossingValue {
  return received instanceof LeftBehind ? { why: received.why } : { value: received.value }
}

class LeftBehind implements Received {
  constructor(
    readonly name: string,
    readonly why: string,
  ) {}

  get value(): never {
    throw new LoopError(
      `The context variable ${this.name} has a value in the thread that gave this work, but the value could not cross: ${this.why}`,
      'ERR_LOOP_STATE',
    )
  }
}
