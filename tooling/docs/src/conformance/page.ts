/** A report of the conformance suite, as far as the page reads it. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

/** The mechanisms that stand beside each other, and the report of each. */
export const columns = [
  { title: 'epoll', report: 'epoll', where: 'Linux, driver uv' },
  { title: 'poll', report: 'poll', where: 'Linux, driver thread' },
  { title: 'select', report: 'select', where: 'Linux, driver thread' },
  { title: 'epoll, arm64', report: 'epoll-arm64', where: 'the published binary under qemu, a part of the suite' },
  { title: 'kqueue', report: 'kqueue-shim', where: "the backend's sources over a stand-in for kqueue on Linux" },
  { title: 'IOCP', report: 'iocp', where: 'node.exe under Wine' },
  { title: 'AFD', report: 'afd', where: 'node.exe under Wine' },
  { title: 'select of Windows', report: 'select-win', where: 'node.exe under Wine, a part of the suite' },
] as const

const intro = `# Conformance

One suite (\`tooling/conformance\`), run on every mechanism. Each cell is how many tests passed; \`-n\` were skipped there, each with
its reason in the report, because the system or its stand-in lacks what they are about. A dash: the file was not run.
Written from the reports of a run by \`npm run conformance:page\`; do not edit.
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
  return `${intro}\n${lines.join('\n')}\n\n${notes.join('\n')}\n`
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
    const file = name.replace(/\.test\.js$/, '')
    counts.set(file, { passed: of('passed'), failed: of('failed'), skipped: of('skipped') })
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
