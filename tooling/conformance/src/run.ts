/**
 * node dist/run.js [--selector epoll|poll|select] [--driver uv|thread] [--debug] [--name NAME] [--report FILE] [FILTER...]
 *
 * Runs the suite, one process per file, on the selector and driver that were asked for, and leaves a report in
 * reports/conformance-NAME.json. FILTER: only the files whose name contains one of them.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Report } from './report.js'

/** Each file is a process with a loop in it, and a machine may have two processors. */
const filesAtOnce = 2
/** These measure the machine, or keep it busy. */
const alone = new Set(['host.test.js', 'connection_churn.test.js', 'spawn_churn.test.js'])
/** These never touch a poller: they run with the platform's own mechanism, and not again with those that it has besides. */
const pollerless = new Set([
  'executors.test.js',
  'executors_cancellation.test.js',
  'executors_threads.test.js',
  'default_executor.test.js',
])
const besides = new Set(['poll', 'select'])
/** Milliseconds until a file that hangs is ended; a wineserver serves all processes, on one processor. */
const limit = process.env['LOOP_WINE'] === '1' ? 360_000 : 120_000

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    selector: { type: 'string' },
    driver: { type: 'string' },
    debug: { type: 'boolean' },
    name: { type: 'string' },
    report: { type: 'string' },
  },
})

// The processes of the files inherit them.
if (options.selector !== undefined) process.env['LOOP_BACKEND'] = options.selector
if (options.driver !== undefined) process.env['LOOP_DRIVER'] = options.driver
if (options.debug) process.env['LOOP_DEBUG'] = '1'

const here = dirname(fileURLToPath(import.meta.url))
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.js') && (filters.length === 0 || filters.some((part) => name.includes(part))))
  .filter((name) => !pollerless.has(name) || !besides.has(options.selector ?? ''))
  .map((name) => join(here, name))

const name =
  options.name ??
  [options.selector ?? 'default', options.driver, options.debug ? 'debug' : undefined].filter(Boolean).join('-')
const report = new Report()
const began = performance.now()
await runFiles(
  files.filter((file) => !alone.has(basename(file))),
  filesAtOnce,
)
await runFiles(
  files.filter((file) => alone.has(basename(file))),
  1,
)

const target = resolve(options.report ?? join(here, '../../../reports', `conformance-${name}.json`))
mkdirSync(dirname(target), { recursive: true })
writeFileSync(target, JSON.stringify(report, null, 1))

const { passed, failed, skipped } = report.counts
for (const failure of report.failures)
  console.log(`\nFAILED ${basename(failure.file)}: ${failure.title}\n${failure.message}`)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(
  `conformance ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${files.length} files, ${seconds} s`,
)
// A file that ended in the middle of its tests has failed, and so has a suite without tests.
process.exit(failed > 0 || passed === 0 ? 1 : 0)

async function runFiles(chosen: string[], concurrency: number): Promise<void> {
  if (chosen.length === 0) return
  const stream = run({ files: chosen, concurrency, timeout: limit })
  stream.on('test:start', (data) => report.started(data))
  stream.on('test:pass', (data) => report.passed(data))
  stream.on('test:fail', (data) => report.failed(data))
  stream.on('test:stderr', (data) => process.stderr.write(data.message))
  for await (const _ of stream);
}
