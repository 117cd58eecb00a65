import type { Awaitable, Awaiting, Block, Caught, Immediate, Statement } from './ast.js'
import type { Feature } from './features.js'
import type { Names } from './names.js'
import { Primitives } from './primitive_statements.js'
import type { Random } from './random.js'
import { crowded, ordinary, type Weights } from './weights.js'

/** Where a statement stands: the rank of the task whose code it is, and how deep it is nested. */
interface Place {
  readonly rank: number
  readonly depth: number
  readonly handling?: boolean
}

const deepest = 4

/** Writes the blocks of a generated program. */
export class Blocks {
  readonly #random: Random
  readonly #names: Names
  readonly #features: ReadonlySet<Feature>
  readonly #primitives: Primitives
  readonly #weights: Weights

  constructor(random: Random, names: Names, features: ReadonlySet<Feature>) {
    this.#random = random
    this.#names = names
    this.#features = features
    this.#primitives = new Primitives(random, names, features)
    this.#weights = names.primitives.length > 0 && random.chance(0.4) ? crowded : ordinary
  }

  make(primitive: Names['primitives'][number]): Immediate {
    return this.#primitives.make(primitive)
  }

  /** A program begins with a task or two, so that there is somebody to wait for and to cancel. */
  opening(): Block {
    const count = this.#random.between(1, 2)
    return Array.from({ length: count }, () => this.#spawn({ rank: 0, depth: 0 }))
  }

  body(place: Place, length: number): Block {
    const block: Block = []
    for (let index = 0; index < length; index++) {
      block.push(...[this.#statement(place) ?? []].flat())
    }
    if (place.depth > 0 && this.#random.chance(0.15)) block.push({ op: 'return', value: this.#random.below(10) })
    return block
  }

  #statement(place: Place): Statement | Statement[] | undefined {
    const nesting = place.depth < deepest ? 34 : 0
    if (place.handling && this.#random.chance(0.12)) return { op: 'reraise' }
    switch (this.#random.weighted({ immediate: 50, waiting: 40, nesting })) {
      case 'immediate':
        return this.#immediate(place)
      case 'waiting':
        return this.#waiting(place)
      case 'nesting':
        return this.#nesting(place)
    }
  }

  #inner(place: Place, handling = place.handling ?? false): Block {
    return this.body({ rank: place.rank, depth: place.depth + 1, handling }, this.#random.between(1, 3))
  }

  // ---- statements that wait for nothing

  #immediate(place: Place): Statement | Statement[] | undefined {
    const random = this.#random
    const names = this.#names
    const kind = random.weighted(this.#weights.immediate)
    switch (kind) {
      case 'spawn':
        return names.room ? this.#spawn(place) : { op: 'sleep', d: 0 }
      case 'spawnEager':
        return names.room && this.#features.has('eager') ? this.#spawnEager(place) : undefined
      case 'groupSpawn':
        return this.#groupSpawn(place)
      case 'let': {
        const combined = this.#combination(place)
        return { op: 'let', name: names.combined(combined.rank), of: combined.of }
      }
      case 'raise':
        return { op: 'raise', error: names.unique('e') }
      case 'cancelling':
        return { op: 'cancelling', name: names.anyTask() }
      case 'uncancel':
        return this.#features.has('uncancel') ? { op: 'uncancel', name: names.anyTask() } : undefined
      case 'tasks':
        return { op: 'tasks' }
      case 'offDone':
        return names.labels.length === 0 ? undefined : { op: 'offDone', ...random.pick(names.labels) }
      case 'reschedule':
        if (names.scopes.length === 0) return undefined
        return { op: 'reschedule', name: random.pick(names.scopes), d: random.chance(0.1) ? null : this.#delay() }
      case 'scope':
        return names.scopes.length === 0 ? undefined : { op: 'scope', name: random.pick(names.scopes) }
      case 'use':
        return this.#primitives.use()
      case 'look':
        return this.#primitives.look()
      default:
        return this.#simple(kind, place)
    }
  }

  /** What may stand in a callback too. */
  #simple(kind: keyof Weights['simple'], place: Place): Immediate | undefined {
    const random = this.#random
    const names = this.#names
    switch (kind) {
      case 'trace':
        return { op: 'trace', text: names.unique('mark ') }
      case 'cancel': {
        const name = names.anyCancellable()
        return random.chance(0.3) ? { op: 'cancel', name, message: names.unique('m') } : { op: 'cancel', name }
      }
      case 'settle': {
        if (names.futures.length === 0) return undefined
        const name = random.pick(names.futures)
        return random.chance(0.25)
          ? { op: 'fail', name, error: names.unique('e') }
          : { op: 'set', name, value: random.below(10) }
      }
      case 'onDone': {
        const name = names.anyFuture()
        return { op: 'onDone', name, label: names.label(name), body: this.#callback(place) }
      }
      case 'soon':
        return { op: 'soon', name: names.handle(), body: this.#callback(place) }
      case 'later':
        return { op: 'later', name: names.handle(), d: this.#delay(), body: this.#callback(place) }
      case 'at':
        return { op: 'at', name: names.handle(), when: random.below(6), body: this.#callback(place) }
      case 'inspect':
        return { op: 'inspect', name: names.anyFuture() }
    }
  }

  #callback(place: Place): Immediate[] {
    const inner = { ...place, depth: place.depth + 1 }
    const body: Immediate[] = []
    if (inner.depth > deepest) return body
    for (let index = this.#random.between(0, 2); index > 0; index--) {
      const kind = this.#random.weighted({ simple: 20, spawn: 2, raise: 1 })
      if (kind === 'spawn' && this.#names.room) body.push(this.#spawn(place))
      else if (kind === 'raise') body.push({ op: 'raise', error: this.#names.unique('e') })
      else {
        const simple = this.#simple(this.#random.weighted(this.#weights.simple), inner)
        if (simple !== undefined) body.push(simple)
      }
    }
    return body
  }

  #spawn(place: Place): Extract<Immediate, { op: 'spawn' }> {
    return { op: 'spawn', ...this.#task(place) }
  }

  /**
   * An eager task that never waits is done inside createTask in Python, and some microtasks later in JavaScript; what it
   * awaits first is registered some microtasks later too. So it sleeps first, and who made it does nothing before that.
   */
  #spawnEager(place: Place): Statement[] {
    const task = this.#task(place)
    const body: Block = [{ op: 'sleep', d: this.#random.below(3) }, ...task.body]
    return [
      { op: 'spawn', name: task.name, body, eager: true },
      { op: 'sleep', d: 0 },
    ]
  }

  #groupSpawn(place: Place): Statement | undefined {
    const { groups } = this.#names
    if (groups.length === 0 || !this.#names.room) return undefined
    // The group that was written last is likely to be the one that this stands in.
    const group = this.#random.chance(0.7) ? groups[groups.length - 1]! : this.#random.pick(groups)
    return { op: 'groupSpawn', group, ...this.#task(place) }
  }

  #task(place: Place): { name: string; body: Block } {
    const { name, rank } = this.#names.task()
    return { name, body: this.body({ rank, depth: place.depth + 1 }, this.#random.between(1, 5)) }
  }

  // ---- what is waited for

  #waiting(place: Place): Awaiting | undefined {
    const random = this.#random
    const kind = random.weighted(this.#weights.waiting)
    if ((kind === 'waitFor' || kind === 'asCompleted') && !this.#features.has(kind)) return { op: 'sleep', d: 0 }
    switch (kind) {
      case 'sleep':
        return { op: 'sleep', d: this.#delay() }
      case 'await':
        return { op: 'await', of: this.#awaitable(place).of }
      case 'wait': {
        const of = this.#futures(place)
        if (of.length === 0) return undefined
        return { op: 'wait', of, timeout: this.#limit(), until: random.pick(['all', 'first', 'exception'] as const) }
      }
      case 'waitFor':
        return { op: 'waitFor', of: this.#primitives.awaitable() ?? this.#awaitable(place).of, d: this.#limit() }
      case 'asCompleted':
        return { op: kind, of: this.#futures(place), timeout: this.#limit(), promises: random.chance(0.4) }
      case 'useAwait':
        return this.#primitives.useAwait()
    }
  }

  #delay(): number {
    return Number(this.#random.weighted({ 0: 6, 1: 6, 2: 4, 3: 2, '-1': 1 }))
  }

  #limit(): number | null {
    return this.#random.chance(0.25) ? null : this.#random.below(4)
  }

  /** Something to wait for, and the rank of the tasks that this makes one wait for. */
  #awaitable(place: Place): { of: Awaitable; rank: number } {
    const random = this.#random
    const names = this.#names
    const nested = place.depth < deepest ? 1 : 0
    const kind = random.weighted({ ref: 12, spawn: 3 * nested, fn: 4 * nested, sleep: 2, combination: 8 * nested })
    if (kind === 'combination') return this.#combination(place)
    if ((kind === 'spawn' || kind === 'fn') && names.room) {
      const { name, rank } = names.task()
      return { of: { is: kind, name, body: this.#inner({ rank, depth: place.depth }) }, rank }
    }
    const known = names.awaited(place.rank)
    if (kind === 'sleep' || known === undefined) return { of: { is: 'sleep', d: this.#delay() }, rank: Infinity }
    return { of: { is: 'ref', name: known.name }, rank: known.rank }
  }

  #combination(place: Place): { of: Extract<Awaitable, { is: 'shield' | 'gather' }>; rank: number } {
    const inner = { ...place, depth: place.depth + 1 }
    if (this.#random.chance(0.35)) {
      const { of, rank } = this.#awaitable(inner)
      return { of: { is: 'shield', of }, rank }
    }
    const parts = Array.from({ length: this.#random.between(0, 3) }, () => this.#awaitable(inner))
    const of = parts.map((part) => part.of)
    const rank = Math.min(Infinity, ...parts.map((part) => part.rank))
    return { of: { is: 'gather', of, returnExceptions: this.#random.chance(0.4) }, rank }
  }

  /** For wait and asCompleted, which take no functions here: Python's wait refuses them, and its set has no order. */
  #futures(place: Place): Awaitable[] {
    const parts = Array.from({ length: this.#random.between(1, 3) }, () => this.#awaitable(place).of)
    return parts.filter((part) => part.is !== 'fn' && part.is !== 'sleep')
  }

  // ---- statements with blocks

  #nesting(place: Place): Awaiting {
    const random = this.#random
    const names = this.#names
    const kind = random.weighted(this.#weights.nesting)
    switch (kind) {
      case 'try':
        return this.#try(place)
      case 'hold':
        return this.#primitives.hold((wait) => [...wait, ...this.#inner(place)]) ?? this.#try(place)
      case 'timeout':
        return {
          op: kind,
          name: names.scope(),
          d: random.chance(0.08) ? null : this.#delay(),
          body: this.#inner(place),
        }
      case 'timeoutAt':
        return { op: kind, name: names.scope(), when: random.below(6), body: this.#inner(place) }
      case 'group': {
        const name = names.group()
        const first = names.room && random.chance(0.8) ? this.#groupSpawn(place) : undefined
        const body = this.#inner(place)
        return { op: kind, name, body: first === undefined ? body : [first, ...body] }
      }
      case 'call':
        return { op: kind, name: names.unique('call'), body: this.#inner(place, false) }
      case 'if': {
        const is = random.pick(['done', 'cancelled'] as const)
        return { op: kind, name: names.anyFuture(), is, then: this.#inner(place), else: this.#inner(place) }
      }
      case 'repeat':
        return { op: kind, times: random.between(2, 3), body: this.#inner(place) }
    }
  }

  #try(place: Place): Awaiting {
    const random = this.#random
    const body = this.#inner(place)
    const clauses = random.weighted({ 0: 3, 1: 9, 2: 2 })
    const kinds: { [on in Caught]: number } = { any: 6, cancelled: 10, error: 6, boom: 2, timeout: 2, group: 1 }
    const clause = () => ({ on: random.weighted(kinds), body: this.#inner(place, true) })
    const except = Array.from({ length: Number(clauses) }, clause)
    if (except.length > 0 && random.chance(0.65)) return { op: 'try', body, except }
    return { op: 'try', body, except, finally: this.#inner(place) }
  }
}
