import type { PrimitiveKind } from './ast.js'
import type { Random } from './random.js'

const kinds: { readonly [kind in PrimitiveKind]: number } = {
  lock: 4,
  semaphore: 4,
  boundedSemaphore: 1,
  event: 2,
  condition: 4,
  barrier: 3,
  queue: 4,
  lifoQueue: 1,
  priorityQueue: 1,
}

/**
 * The names of a program: who makes a task, and who may wait for whom.
 *
 * Two tasks that wait for one another are cancelled in an endless recursion, in CPython too. So tasks are numbered as
 * they are written down, and a task awaits only what has a higher number (its rank) than it has itself; whom it
 * cancels is free.
 */
export class Names {
  readonly #random: Random
  readonly futures: string[]
  readonly groups: string[] = []
  readonly scopes: string[] = []
  /** Locks, queues and the like. */
  readonly primitives: readonly { name: string; kind: PrimitiveKind }[]
  readonly #handles: string[] = []
  readonly #labels: { name: string; label: string }[] = []
  /** Combinations (gather, shield) with a name, and the rank of what they wait for. */
  readonly #combined: { name: string; rank: number }[] = []
  readonly #expected: number
  #made = 0
  #counter = 0

  constructor(random: Random) {
    this.#random = random
    this.#expected = random.between(2, 7)
    this.futures = Array.from({ length: random.below(4) }, (_, index) => `f${index + 1}`)
    // Few, so that many meet at each.
    const primitives = Number(random.weighted({ 0: 4, 1: 4, 2: 2 }))
    this.primitives = Array.from({ length: primitives }, (_, index) => {
      const kind = random.weighted(kinds)
      return { name: `${kind}${index + 1}`, kind }
    })
  }

  /** Whether the program has room for one more task. */
  get room(): boolean {
    return this.#made < this.#expected
  }

  /** A new task's name and rank. */
  task(): { name: string; rank: number } {
    this.#made++
    return { name: `t${this.#made}`, rank: this.#made }
  }

  unique(prefix: string): string {
    this.#counter++
    return `${prefix}${this.#counter}`
  }

  handle(): string {
    return this.#keep(this.#handles, 'h')
  }

  group(): string {
    return this.#keep(this.groups, 'g')
  }

  scope(): string {
    return this.#keep(this.scopes, 's')
  }

  combined(rank: number): string {
    const name = this.unique('c')
    this.#combined.push({ name, rank })
    return name
  }

  label(name: string): string {
    const label = this.unique('d')
    this.#labels.push({ name, label })
    return label
  }

  get labels(): readonly { name: string; label: string }[] {
    return this.#labels
  }

  /** Something that a task of that rank may await, with its own rank. It need not exist when its turn comes. */
  awaited(by: number): { name: string; rank: number } | undefined {
    const choice: { name: string; rank: number }[] = this.futures.map((name) => ({ name, rank: Infinity }))
    for (let rank = by + 1; rank <= this.#likely(); rank++) choice.push({ name: `t${rank}`, rank })
    for (const each of this.#combined) if (each.rank > by) choice.push(each)
    return choice.length === 0 ? undefined : this.#random.pick(choice)
  }

  anyTask(): string {
    return this.#random.chance(0.06) ? 'main' : `t${this.#random.between(1, Math.max(1, this.#likely()))}`
  }

  /** Up to which task to name one: mostly one that is written down already, for that one is likely to exist by then. */
  #likely(): number {
    return this.#random.chance(0.8) ? this.#made : this.#expected
  }

  /** Tasks, futures and combinations. */
  anyFuture(): string {
    const others = [...this.futures, ...this.#combined.map((each) => each.name)]
    return others.length > 0 && this.#random.chance(0.35) ? this.#random.pick(others) : this.anyTask()
  }

  anyCancellable(): string {
    return this.#handles.length > 0 && this.#random.chance(0.15) ? this.#random.pick(this.#handles) : this.anyFuture()
  }

  #keep(list: string[], prefix: string): string {
    const name = this.unique(prefix)
    list.push(name)
    return name
  }
}
