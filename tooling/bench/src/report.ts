import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { reached } from './goals.js'
import type { describeMachine } from './machine.js'
import type { Options, SuiteName } from './options.js'
import type { SuiteResult } from './suite.js'

export interface Run {
  startedAt: string
  machine: ReturnType<typeof describeMachine>
  /** Why the figures need care, one reason each. */
  cautions: string[]
  versions: Record<string, string>
  missing: Record<string, string>
}

/** Beside the echo suite's report: `bench-echo.json` -> `bench-idle.json`. */
export function reportFile(options: Options, suite: SuiteName): string {
  return suite === 'echo' ? options.json : join(dirname(options.json), `bench-${suite}.json`)
}

/** Writes everything a suite has seen, every round's figures included, and returns the file's name. */
export function writeReport(options: Options, run: Run, suite: SuiteName, result: SuiteResult): string {
  const file = reportFile(options, suite)
  const { rounds, seconds, warmup, quick } = options
  const { samples, failures, goals, summary } = result
  const medians = Object.fromEntries(
    samples.cases().map((kind) => [
      kind,
      Object.fromEntries(
        samples
          .peers()
          .map((peer) => ({ peer, first: samples.all.find((s) => s.peer === peer && s.case === kind) }))
          .filter(({ first }) => first !== undefined)
          .map(({ peer, first }) => [
            peer,
            Object.fromEntries(Object.keys(first!.values).map((value) => [value, samples.median(peer, kind, value)])),
          ]),
      ),
    ]),
  )
  const report = {
    suite,
    ...run,
    settings: { rounds, seconds, warmup, quick },
    medians,
    summary,
    goals: goals.map((goal) => ({ ...goal, reached: reached(goal) })),
    failures,
    samples: samples.all,
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
  return file
}
