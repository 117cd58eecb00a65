// Sums reports in jest's JSON shape:  node tooling/setup/summary.mjs [--failed-steps N] REPORT.json...
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** @param {readonly string[]} files reports; JSON of another shape (a bench's table) holds no tests and counts nothing */
export function sum(files) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const file of files) {
    const { testResults = [] } = JSON.parse(readFileSync(file, 'utf8'))
    for (const suite of testResults) {
      // A file that could not even be loaded has no assertions, and has failed all the same.
      if (suite.status === 'failed' && suite.assertionResults.every(({ status }) => status !== 'failed')) total.failed++
      for (const { status } of suite.assertionResults) {
        if (status === 'passed' || status === 'failed') total[status]++
        else total.skipped++
      }
    }
  }
  return total
}

/** A line for each failed test, with what it said first; the run's own output is long by now. */
export function failures(files) {
  const lines = []
  for (const file of files) {
    const { testResults = [] } = JSON.parse(readFileSync(file, 'utf8'))
    for (const { name, status, assertionResults, message = '' } of testResults) {
      const failed = assertionResults.filter((test) => test.status === 'failed')
      if (status === 'failed' && failed.length === 0)
        failed.push({ fullName: basename(name), failureMessages: [message] })
      for (const { fullName, failureMessages } of failed) {
        const [said = ''] = (failureMessages[0] ?? '').split('\n')
        lines.push(`failed in ${basename(file, '.json')}: ${fullName}: ${said}`)
      }
    }
  }
  return lines
}

/** Prints the line that ends a run, and returns the exit code that belongs to it. */
export function conclude({ passed, failed, skipped }, failedSteps = 0) {
  // A step can fail without a failed test (a crash, the linter); such a run must not read as a good one.
  const failures = Math.max(failed, failedSteps)
  console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`)
  return failures > 0 || passed === 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { 'failed-steps': { type: 'string', default: '0' } },
    allowPositionals: true,
  })
  for (const line of failures(positionals)) console.log(line)
  process.exitCode = conclude(sum(positionals), Number(values['failed-steps']))
}
