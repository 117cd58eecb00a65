// Runs the tests of this folder, or of another, and leaves a report in jest's JSON shape:
//   node test/run.mjs [--name native] [--folder PATH]
// The addon under test is the package's own, or that of LOOP_BACKEND_PATH.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: { name: { type: 'string', default: 'native' }, folder: { type: 'string', default: here } },
})
const folder = resolve(values.folder)
const reports = new URL('../../../reports/', import.meta.url)
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs'))
  .map((name) => join(folder, name))

/** By file: its tests, and the names of the suites that are open while its events arrive. */
const suites = new Map(files.map((file) => [file, { status: 'passed', open: [], tests: [] }]))

function ended(status, { file, name, nesting, details, skip, todo }) {
  const suite = suites.get(file)
  if (suite === undefined) return
  if (status === 'failed') suite.status = 'failed'
  // A file that ends badly outside of its tests (a crash, a time limit) is told of as a test of that file's name.
  if (details.type === 'suite' || name === file) return
  const ancestors = suite.open.slice(0, nesting)
  suite.tests.push({
    ancestorTitles: ancestors,
    title: name,
    fullName: [...ancestors, name].join(' '),
    status: skip === undefined && todo === undefined ? status : 'pending',
    duration: details.duration_ms,
    failureMessages: status === 'failed' ? [String(details.error?.cause?.stack ?? details.error)] : [],
  })
}

const stream = run({ files, timeout: 120_000 })
stream.on('test:start', ({ file, name, nesting }) => {
  const suite = suites.get(file)
  if (suite !== undefined) suite.open[nesting] = name
})
stream.on('test:pass', (data) => ended('passed', data))
stream.on('test:fail', (data) => {
  process.exitCode = 1
  ended('failed', data)
})
stream.on('end', () => {
  const all = [...suites.values()]
  const count = (status) => all.flatMap(({ tests }) => tests).filter((test) => test.status === status).length
  mkdirSync(reports, { recursive: true })
  const report = {
    success: all.every(({ status }) => status === 'passed'),
    numTotalTests: all.flatMap(({ tests }) => tests).length,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    testResults: [...suites].map(([file, { status, tests }]) => ({
      name: basename(file),
      status,
      assertionResults: tests,
    })),
  }
  writeFileSync(new URL(`${values.name}.json`, reports), JSON.stringify(report))
})
const output = stream.compose(new spec())
output.pipe(process.stdout)
// Node 22 and later keep the timers of time limits that are over, and with them this process for two minutes.
output.on('end', () => process.exit())
