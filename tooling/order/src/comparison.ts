import type { Program } from './ast.js'
import { generate } from './generate.js'
import type { InterpreterProcess } from './interpreter_process.js'
import type { Reference } from './reference.js'
import { isSame, isSameButForLostMessages, type Same } from './same.js'
import { shrink } from './shrink.js'

export interface Difference {
  readonly program: Program
  readonly expected: readonly string[]
  readonly actual: readonly string[]
}

/** What a program comes to that the reference does otherwise than CPython 3.13: such programs are not compared. */
interface Compared {
  readonly leftOut: readonly string[]
  readonly difference: Difference | null
}

/** Generated programs that were compared together. */
export interface Batch {
  readonly firstSeed: number
  readonly lastSeed: number
  readonly compared: number
  readonly differences: Difference[]
}

const batchSize = 100

/** Runs programs on both sides and holds the traces against each other. */
export class Comparison {
  readonly #reference: Reference
  readonly #ours: InterpreterProcess
  /** Why programs were left out of what is compared, and how many. */
  readonly leftOut = new Map<string, number>()
  /** How many generated programs differ only in messages of cancellations that CPython loses. */
  lostMessages = 0

  constructor(reference: Reference, ours: InterpreterProcess) {
    this.#reference = reference
    this.#ours = ours
  }

  /** @param same what counts as the same trace */
  async compare(program: Program, same: Same = isSame): Promise<Compared> {
    const [expected, actual] = await Promise.all([this.#reference.answer(program), this.#ours.run(program)])
    const leftOut = expected.changed
    if (leftOut.length > 0 || same(expected.trace, actual.trace)) return { leftOut, difference: null }
    return { leftOut, difference: { program, expected: expected.trace, actual: actual.trace } }
  }

  /** Compares generated programs, from `seed` on, until `count` have been compared or the reference has no more. */
  async *generated(seed: number, count: number): AsyncGenerator<Batch> {
    let next = seed
    for (let left = count; left > 0; ) {
      const size = Math.min(batchSize, left, this.#reference.limit - next + 1)
      if (size <= 0) return
      const firstSeed = next
      const differences: Difference[] = []
      let compared = 0
      while (compared < size && next <= this.#reference.limit) {
        const seeds = Array.from({ length: size - compared }, (_, index) => next + index)
        const results = await Promise.all(
          seeds.map((each) => this.#compareGenerated(generate(each, this.#reference.features))),
        )
        next += seeds.length
        for (const { leftOut, difference } of results) {
          if (leftOut.length === 0) compared++
          for (const reason of leftOut) this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1)
          if (difference !== null) differences.push(difference)
        }
      }
      left -= compared
      yield { firstSeed, lastSeed: next - 1, compared, differences }
    }
  }

  #compareGenerated(program: Program): Promise<Compared> {
    return this.compare(program, (expected, actual) => {
      if (isSame(expected, actual)) return true
      const lost = isSameButForLostMessages(expected, actual)
      if (lost) this.lostMessages++
      return lost
    })
  }

  /** A smaller program that differs too; the same one where the reference runs nothing new. */
  async minimal(difference: Difference): Promise<Difference> {
    if (!this.#reference.runs(difference.program)) return difference
    const { expected, actual, program } = difference
    // A program that differs in more than lost messages is not to shrink to one that loses a message.
    const same = isSameButForLostMessages(expected, actual) ? isSame : isSameButForLostMessages
    const differs = async (candidate: Program) => (await this.compare(candidate, same)).difference !== null
    const smaller = await this.compare(await shrink(program, differs), same)
    return smaller.difference ?? difference
  }
}
