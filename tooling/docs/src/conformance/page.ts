/** A report of the conformance suite, as far as the page reads it. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly reason?: string
    }[]
  }[]
  /** Those none of whose tests were run. */
  readonly skippedSuites?: readonly { readonly name: string; readonly title: string; readonly reason: string }[]
}

/** The mechanisms that stand beside each other, and the report of each. */
export const columns = [
  { title: 'epoll', report: 'epoll', where: 'Linux, driver uv' },
  { title: 'poll', report: 'poll', where: 'Linux, driver thread' },
  { title: 'select', report: 'select', where: 'Linux, driver thread' },
  { title: 'epoll, arm64', report: 'epoll-arm64', where: 'the published binary under qemu, a part of the suite' },
  { title: 'kqueue', report: 'kqueue-shim', where: "the backend's sources over a stand-in for kqueue on Linux" },
  {
    title: 'IOCP, Unix',
    report: 'iocp-unix',
    where: 'node.exe under Wine, over an emulation of Unix sockets, a part of the suite',
  },
  { title: 'IOCP', report: 'iocp', where: 'node.exe under Wine' },
  { title: 'AFD', report: 'afd', where: 'node.exe under Wine' },
  { title: 'select of Windows', report: 'select-win', where: 'node.exe under Wine, a part of the suite' },
] as const

/** Those of whose skipped tests the page tells the reasons. */
const ofWindows = columns.slice(-3)

const intro = `# Conformance

One suite (\`tooling/conformance\`), run on every mechanism. Each cell is how many tests passed; \`-n\` were skipped there, each with
its reason in the report, because the system or its stand-in lacks what they are about. A dash: the file was not run.
Written from the reports of a run by \`npm run conformance:page\`; do not edit.

What touches no mechanism (futures, tasks, groups, timeouts, locks, queues, streams) is in core's unit tests, which run on Linux and, in
node.exe under Wine, on Windows: \`tooling/wine/unit.mjs\`.
`

const skippedIntro = `## Skipped on Windows

By the reason. What is a gap of Wine runs on a Windows; the rest is of other systems, or a limit of the platform (docs/platforms.md).
`

/** docs/conformance.md: file by mechanism. @param reports by the names of {@link columns} */
export function conformancePage(reports: ReadonlyMap<string, Report>, files: readonly string[]): string {
  const counts = columns.map(({ report }) => countsOf(reports.get(report)))
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const lines = [
    row(['file', ...columns.map(({ title }) => title)]),
    row(['---', ...columns.map(() => '---:')]),
    ...files.map((file) => row([file, ...counts.map((count) => cell(count.get(file)))])),
    row(['**all**', ...counts.map((count) => `**${cell(sum([...count.values()]))}**`)]),
  ]
  const notes = columns.map(
    ({ title, report, where }) => `- **${title}**: ${where}${reports.has(report) ? '' : '; no report'}`,
  )
  return `${intro}\n${lines.join('\n')}\n\n${notes.join('\n')}\n\n${skipped(reports)}`
}

/** What was skipped on Windows: the reason, and of each test and suite the mechanisms. */
function skipped(reports: ReadonlyMap<string, Report>): string {
  const reasons = new Map<string, Map<string, string[]>>()
  const add = (reason: string, what: string, where: string) => {
    const tests = reasons.get(reason) ?? new Map<string, string[]>()
    reasons.set(reason, tests)
    const places = tests.get(what) ?? []
    tests.set(what, places.includes(where) ? places : [...places, where])
  }
  for (const { title: where, report } of ofWindows) {
    for (const { name, assertionResults } of reports.get(report)?.testResults ?? [])
      for (const { title, status, reason = 'no reason' } of assertionResults)
        if (status === 'skipped') add(reason, `${fileOf(name)}: ${title}`, where)
    for (const { name, title, reason } of reports.get(report)?.skippedSuites ?? [])
      add(reason, `${fileOf(name)}, all of “${title}”`, where)
  }
  const lines = [...reasons]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([reason, tests]) => {
      // Reports have files in the order in which they ended.
      const list = [...tests].map(([what, places]) => `  - ${what} (${places.join(', ')})`).sort()
      return `- ${reason}\n${list.join('\n')}`
    })
  return `${skippedIntro}\n${lines.join('\n')}\n`
}

function fileOf(name: string): string {
  return name.replace(/\.test\.js$/, '')
}

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const nothing: Count = { passed: 0, failed: 0, skipped: 0 }

function countsOf(report: Report | undefined): Map<string, Count> {
  const counts = new Map<string, Count>()
  for (const { name, assertionResults } of report?.testResults ?? []) {
    const of = (status: string) => assertionResults.filter((test) => test.status === status).length
    counts.set(fileOf(name), { passed: of('passed'), failed: of('failed'), skipped: of('skipped') })
  }
  return counts
}

function sum(counts: readonly Count[]): Count | undefined {
  if (counts.length === 0) return undefined
  return counts.reduce(
    (one, other) => ({
      passed: one.passed + other.passed,
      failed: one.failed + other.failed,
      skipped: one.skipped + other.skipped,
    }),
    nothing,
  )
}

function cell(count: Count | undefined): string {
  if (count === undefined) return '-'
  const { passed, failed, skipped } = count
  return `${passed}${skipped > 0 ? ` -${skipped}` : ''}${failed > 0 ? ` (${failed} FAILED)` : ''}`
}
