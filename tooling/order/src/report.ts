import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** One comparison's outcome, by the name that a report gives it. */
export interface Outcome {
  readonly title: string
  readonly failures: readonly string[]
}

/** Writes the outcomes in the shape of jest's JSON report, as all of the project's suites do. */
export function writeReport(path: string, outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter((outcome) => outcome.failures.length > 0).length
  const assertionResults = outcomes.map(({ title, failures }) => ({
    ancestorTitles: ['order'],
    fullName: `order ${title}`,
    title,
    status: failures.length === 0 ? 'passed' : 'failed',
    failureMessages: failures,
  }))
  const report = {
    success: failed === 0,
    numTotalTests: outcomes.length,
    numPassedTests: outcomes.length - failed,
    numFailedTests: failed,
    testResults: [{ name: 'order', status: failed === 0 ? 'passed' : 'failed', assertionResults }],
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
}
