import { inspect } from 'node:util'
import type { ChunkList } from './chunk_list.js'

/** What ends a message: bytes, or a string that stands for its UTF-8. */
export type Separator = Uint8Array | string

export interface Match {
  start: number
  end: number
}

/** One or several separators; the match that ends first wins, of two that end together the shorter one. */
export class Separators {
  readonly #sorted: readonly Buffer[]
  readonly shortest: number
  readonly longest: number

  /** @throws TypeError for what is no separator, RangeError for none or an empty one */
  constructor(separators: Separator | readonly Separator[]) {
    const list = Array.isArray(separators) ? separators : [separators]
    this.#sorted = list.map(bytes).sort((a, b) => a.length - b.length)
    this.shortest = this.#sorted[0]?.length ?? 0
    this.longest = this.#sorted.at(-1)?.length ?? 0
    if (list.length === 0) throw new RangeError('At least one separator is needed')
    if (this.shortest === 0) throw new RangeError('A separator must be at least one byte long')
  }

  /** The first match in `chunks` that begins at `from` or later. */
  find(chunks: ChunkList, from: number): Match | null {
    let match: Match | null = null
    for (const separator of this.#sorted) {
      const start = chunks.indexOf(separator, from)
      if (start === -1) continue
      const end = start + separator.length
      if (match === null || end < match.end) match = { start, end }
    }
    return match
  }
}

/** What ends a line. */
export const newline = new Separators('\n')

function bytes(separator: unknown): Buffer {
  if (typeof separator === 'string') return Buffer.from(separator)
  if (separator instanceof Uint8Array) return Buffer.from(separator)
  throw new TypeError(`A separator must be a string or a Uint8Array, not ${inspect(separator)}`)
}
