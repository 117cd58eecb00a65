import type { Awaitable, Awaiting, Block, Immediate, PrimitiveKind, PrimitiveWait, Value } from './ast.js'
import type { Feature } from './features.js'
import type { Names } from './names.js'
import type { Random } from './random.js'

interface Named {
  readonly name: string
  readonly kind: PrimitiveKind
}

/** Writes the statements of generated programs that have to do with locks, queues and the like. */
export class Primitives {
  readonly #random: Random
  readonly #names: Names
  readonly #features: ReadonlySet<Feature>

  constructor(random: Random, names: Names, features: ReadonlySet<Feature>) {
    this.#random = random
    this.#names = names
    this.#features = features
  }

  make({ name, kind }: Named): Immediate {
    const size = { semaphore: 3, boundedSemaphore: 3, queue: 3, lifoQueue: 3, priorityQueue: 3 }[kind as string]
    if (kind === 'barrier') return { op: 'make', name, kind, size: this.#random.between(1, 3) }
    return size === undefined ? { op: 'make', name, kind } : { op: 'make', name, kind, size: this.#random.below(size) }
  }

  use(): Immediate | undefined {
    const primitive = this.#any()
    if (primitive === undefined) return undefined
    const { name } = primitive
    const use = (call: Extract<Immediate, { op: 'use' }>['call'], argument?: Value): Immediate =>
      argument === undefined ? { op: 'use', name, call } : { op: 'use', name, call, argument }
    switch (primitive.kind) {
      case 'lock':
      case 'semaphore':
      case 'boundedSemaphore':
        return use('release')
      case 'event':
        return use(this.#random.chance(0.6) ? 'set' : 'clear')
      case 'condition': {
        const call = this.#random.weighted({ notify: 6, notifyAll: 2, release: 1 })
        return call === 'notify' ? use(call, this.#random.between(1, 2)) : use(call)
      }
      case 'barrier':
        return { op: 'look', name }
      default: {
        const call = this.#random.weighted({ putNowait: 6, getNowait: 3, taskDone: 4, shutdown: 1 })
        if (call === 'putNowait') return use(call, this.#random.below(10))
        if (call !== 'shutdown') return use(call)
        return this.#features.has('shutdown') ? use(call, this.#random.chance(0.4)) : undefined
      }
    }
  }

  look(): Immediate | undefined {
    const primitive = this.#any()
    return primitive === undefined ? undefined : { op: 'look', name: primitive.name }
  }

  useAwait(): Awaiting {
    const primitive = this.#any()
    if (primitive === undefined) return { op: 'sleep', d: this.#random.below(2) }
    const { name } = primitive
    // The numbers that a barrier gives after a cancellation are another's in CPython, and distinct here.
    if (primitive.kind === 'barrier') return { op: 'useAwait', name, ...this.#wait(primitive.kind), quiet: true }
    return { op: 'useAwait', name, ...this.#wait(primitive.kind) }
  }

  /** Something for `waitFor`, every other time. */
  awaitable(): Awaitable | undefined {
    const primitive = this.#random.chance(0.5) ? this.#any() : undefined
    if (primitive === undefined || primitive.kind === 'barrier') return undefined
    return { is: 'use', name: primitive.name, ...this.#wait(primitive.kind) }
  }

  /** @param body the block, after the statements that it is given */
  hold(body: (before: Block) => Block): Awaiting | undefined {
    const primitive = this.#any((kind) => kind === 'lock' || kind === 'condition' || kind.endsWith('emaphore'))
    if (primitive === undefined) return undefined
    const { name, kind } = primitive
    const waits = kind === 'condition' && this.#random.chance(0.5)
    return { op: 'hold', name, body: body(waits ? [{ op: 'useAwait', name, call: 'wait' }] : []) }
  }

  #wait(kind: PrimitiveKind): { call: PrimitiveWait; argument?: Value } {
    switch (kind) {
      case 'lock':
      case 'semaphore':
      case 'boundedSemaphore':
        return { call: 'acquire' }
      case 'event':
        return { call: 'wait' }
      case 'condition':
        return { call: this.#random.weighted({ acquire: 3, wait: 2 }) }
      case 'barrier':
        return { call: this.#random.weighted({ wait: 10, reset: 1, abort: 1 }) }
      default: {
        const call = this.#random.weighted({ put: 8, get: 8, join: 3 })
        return call === 'put' ? { call, argument: this.#random.below(10) } : { call }
      }
    }
  }

  #any(fits: (kind: PrimitiveKind) => boolean = () => true): Named | undefined {
    const choice = this.#names.primitives.filter(({ kind }) => fits(kind))
    return choice.length === 0 ? undefined : this.#random.pick(choice)
  }
}
