import { median, spread } from './statistics.js'

/** What one turn gave: numbers by name, of one peer in one case of one round. */
export interface Sample {
  round: number
  case: string
  peer: string
  values: Readonly<Record<string, number>>
}

/** Everything that a suite has measured, and the questions that one asks of it. */
export class Samples {
  readonly all: Sample[] = []

  add(sample: Sample): void {
    this.all.push(sample)
  }

  #of(peer: string, kind: string): Sample[] {
    return this.all.filter((sample) => sample.peer === peer && sample.case === kind)
  }

  /** The rounds' median; NaN where nothing was measured. */
  median(peer: string, kind: string, value: string): number {
    return median(this.#of(peer, kind).map((sample) => sample.values[value] ?? Number.NaN))
  }

  /**
   * How many times the other's value a peer's is: the median of the rounds' own ratios, since within a round
   * the two were measured seconds apart. NaN where they have no round in common.
   */
  ratio(peer: string, base: string, kind: string, value: string): number {
    const bases = this.#of(base, kind)
    const ratios = this.#of(peer, kind).flatMap((sample) => {
      const other = bases.find(({ round }) => round === sample.round)
      return other ? [sample.values[value]! / other.values[value]!] : []
    })
    return median(ratios)
  }

  /** How far a value's rounds lie apart, as a part of the median, for each peer and case measured more than once. */
  spreads(value: string): number[] {
    const groups = this.peers().flatMap((peer) => this.cases().map((kind) => this.#of(peer, kind)))
    return groups
      .filter((samples) => samples.length > 1)
      .map((samples) => spread(samples.map((sample) => sample.values[value]!)))
  }

  peers(): string[] {
    return [...new Set(this.all.map(({ peer }) => peer))]
  }

  cases(): string[] {
    return [...new Set(this.all.map((sample) => sample.case))]
  }
}
