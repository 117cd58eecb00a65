import type { Goal } from './goals.js'
import type { Cores } from './machine.js'
import type { Options } from './options.js'
import type { Peer } from './peers.js'
import type { Programs } from './programs.js'
import type { Turn } from './rounds.js'
import { interleave } from './rounds.js'
import { Samples } from './samples.js'
import type { Table } from './table.js'

/** What every suite is given. */
export interface Bench {
  options: Options
  programs: Programs
  cores: Cores
  /** Those that are there and were asked for. */
  peers: readonly Peer[]
  progress(line: string): void
}

export interface Failure {
  round: number
  case: string
  peer: string
  message: string
}

/** What every suite gives back. */
export interface SuiteResult {
  samples: Samples
  failures: Failure[]
  tables: Table[]
  goals: Goal[]
  /** What the tables show beyond medians of the samples, for the JSON. */
  summary: unknown
}

interface Plan<C, P> {
  rounds: number
  cases: readonly C[]
  peers: readonly P[]
  /** Which peers are measured in which cases; all in all if left out. */
  fits?(kind: C, peer: P): boolean
  caseName(kind: C): string
  peerName(peer: P): string
  measure(turn: Turn<C, P>): Promise<Readonly<Record<string, number>>>
  /** A sample in a few words, for the one who waits. */
  brief(values: Readonly<Record<string, number>>): string
}

/** Takes all turns; one that fails is noted, and the others go on. */
export async function takeTurns<C, P>(bench: Bench, plan: Plan<C, P>) {
  const samples = new Samples()
  const failures: Failure[] = []
  for (const turn of interleave(plan.rounds, plan.cases, plan.peers)) {
    if (plan.fits?.(turn.case, turn.peer) === false) continue
    const where = { round: turn.round, case: plan.caseName(turn.case), peer: plan.peerName(turn.peer) }
    const place = `[${turn.index}/${turn.total}] round ${where.round}, ${where.case}, ${where.peer}`
    try {
      const values = await plan.measure(turn)
      samples.add({ ...where, values })
      bench.progress(`${place}: ${plan.brief(values)}`)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      failures.push({ ...where, message })
      bench.progress(`${place}: FAILED: ${message}`)
    }
  }
  return { samples, failures }
}
