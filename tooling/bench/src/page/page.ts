import { type Goal, reached } from '../goals.js'
import type { SuiteName } from '../options.js'
import { figure } from '../table.js'
import { fairnessChapter, idleChapter, microChapter, spawnChapter, tlsChapter, udpChapter } from './chapters.js'
import { echoChapters } from './echo_chapters.js'
import { markdownTable } from './markdown.js'
import type { Recorded } from './recorded.js'

const INTRODUCTION = `# Performance

Written by \`npm run bench:page\` from the reports of \`npm run bench\`, nothing of it by hand. Under each heading stands which
run the figures are of. In a run all programs take turns, and a ratio is the median of the rounds' own ratios. How each is
measured is in [tooling/bench](../tooling/bench/README.md). A rate above 1 and a CPU below 1 speak for us.`

const CHAPTERS: Record<SuiteName, (recorded: Recorded) => string[]> = {
  echo: echoChapters,
  tls: (recorded) => [tlsChapter(recorded)],
  udp: (recorded) => [udpChapter(recorded)],
  spawn: (recorded) => [spawnChapter(recorded)],
  idle: (recorded) => [idleChapter(recorded)],
  fairness: (recorded) => [fairnessChapter(recorded)],
  micro: (recorded) => [microChapter(recorded)],
}

/** The suites that have a chapter, in the page's order. */
export const SUITES = Object.keys(CHAPTERS) as SuiteName[]

function goalsChapter(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.what,
    `${goal.bound} ${figure(goal.wanted)}`,
    goal.measured,
    reached(goal) ? 'reached' : '**missed**',
  ])
  return `## What the project wants, and what it has\n\n${markdownTable(['', 'wanted', 'measured', ''], rows)}`
}

/** docs/performance.md of these runs; a suite without one has no chapter. */
export function performancePage(runs: ReadonlyMap<SuiteName, Recorded>): string {
  const there = SUITES.flatMap((suite) => {
    const recorded = runs.get(suite)
    return recorded === undefined ? [] : [{ suite, recorded }]
  })
  const chapters = there.flatMap(({ suite, recorded }) => CHAPTERS[suite](recorded))
  const goals = there.flatMap(({ recorded }) => recorded.goals)
  return `${[INTRODUCTION, ...chapters, goalsChapter(goals)].join('\n\n')}\n`
}
