// npm test [-- FILTER]: set up what is missing, then the unit tests, those of the addon, and the conformance suite on each
// selector of this platform. It always runs them, whatever a cache may hold: who asks for the tests wants to see them run.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { environment } from './pnpm.mjs'
import { root } from './root.mjs'
import { setUp } from './setup.mjs'
import { conclude, sum } from './summary.mjs'

// macOS' is tested over a stand-in, by CI.
const SELECTORS = { linux: ['epoll', 'poll', 'select'], win32: ['iocp', 'afd', 'select'] }

try {
  setUp()
} catch (error) {
  console.error(error.message)
  process.exit(conclude({ passed: 0, failed: 1, skipped: 0 }))
}

const reports = join(root, 'reports')
mkdirSync(reports, { recursive: true })
const runs = [
  { report: 'unit.json', args: ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)] },
  ...(process.platform === 'linux' ? [{ report: 'native.json', args: ['packages/epoll-linux/test/run.mjs'] }] : []),
  ...(SELECTORS[process.platform] ?? []).map((selector) => ({
    report: `conformance-${selector}.json`,
    args: ['tooling/conformance/dist/run.js', '--selector', selector],
  })),
]

let failedRuns = 0
const written = []
for (const { report, args } of runs) {
  const file = join(reports, report)
  // The report of an earlier run must not speak for this one.
  rmSync(file, { force: true })
  console.log(`\n== ${report.replace(/\.json$/, '')}`)
  const { status, signal } = spawnSync(process.execPath, args, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (existsSync(file)) written.push(file)
  else console.error(`${args.join(' ')} left no reports/${report}`)
  if (status === 0 && existsSync(file)) continue
  failedRuns++
  console.error(`${args.join(' ')} ended with ${signal ?? status}`)
}

console.log(`\nreports: ${written.map((file) => relative(root, file)).join(' ')}`)
process.exitCode = conclude(sum(written), failedRuns)
