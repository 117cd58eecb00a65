import type { Goal } from '../goals.js'
import { OURS } from '../peers.js'
import type { Run } from '../report.js'
import { type Sample, Samples } from '../samples.js'

/** What the page takes from a suite's report. */
export interface Report extends Run {
  suite: string
  settings: { rounds: number; seconds: number }
  goals: readonly (Omit<Goal, 'measured'> & { measured: number | null })[]
  failures: readonly unknown[]
  samples: readonly Sample[]
}

/** One run of a suite, as its report has it. */
export class Recorded {
  readonly report: Report
  readonly samples = new Samples()

  constructor(report: Report) {
    this.report = report
    for (const sample of report.samples) this.samples.add(sample)
  }

  /** What this run measured of the project's goals. */
  get goals(): Goal[] {
    return this.report.goals.flatMap(({ measured, ...goal }) => (measured === null ? [] : [{ ...goal, measured }]))
  }

  /** All that were measured, ours first. */
  get everybody(): string[] {
    const there = this.samples.peers()
    const ours = (peer: string) => peer.startsWith(OURS)
    return [...there.filter(ours).sort(), ...there.filter((peer) => !ours(peer))]
  }

  /** Of `wanted`, in their order, those that were there. */
  peers(wanted: readonly string[]): string[] {
    const there = this.samples.peers()
    return wanted.filter((peer) => there.includes(peer))
  }

  /** When, on what and how often: the line under a chapter's heading. */
  get provenance(): string {
    const { startedAt, machine, settings, suite, cautions, failures, versions } = this.report
    const others = ['uvloop', 'asyncio'].flatMap((name) => versions[name] ?? [])
    // LOOP_* variables choose another poller or driver.
    const variables = Object.entries(machine.environment).map(([name, value]) => `${name}=${value} `)
    const parts = [
      `${startedAt.slice(0, 10)}, medians of ${settings.rounds} rounds of ${settings.seconds} s`,
      [
        machine.cpu,
        `${machine.cores} cores`,
        `Linux ${machine.kernel.split('.', 2).join('.')}`,
        `Node ${machine.node}`,
        ...others,
      ].join(', '),
      `\`${variables.join('')}npm run bench -- ${suite} --rounds ${settings.rounds} --seconds ${settings.seconds}\``,
    ]
    const doubts = [...cautions, ...(failures.length > 0 ? [`${failures.length} samples failed`] : [])]
    return `*${parts.join('; ')}${doubts.length > 0 ? `. Careful: ${doubts.join('; ')}` : ''}.*`
  }
}
