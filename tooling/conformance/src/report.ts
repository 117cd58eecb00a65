import { basename } from 'node:path'

/** What the test runner says of a test; the same on Node 20 to 26. */
interface TestEvent {
  name: string
  nesting: number
  file?: string | undefined
  skip?: string | boolean | undefined
  todo?: string | boolean | undefined
  details?:
    | { type?: string | undefined; error?: (Error & { cause?: unknown }) | undefined; duration_ms?: number }
    | undefined
}

interface Assertion {
  title: string
  fullName: string
  status: 'passed' | 'failed' | 'skipped'
  failureMessages: string[]
  /** Why it was skipped. */
  reason?: string
}

/** A suite none of whose tests were run. */
interface SkippedSuite {
  title: string
  reason: string
}

/** The outcome of a run in the shape of Jest's JSON reports, which tools read. */
export class Report {
  readonly counts = { passed: 0, failed: 0, skipped: 0 }
  readonly failures: { file: string; title: string; message: string }[] = []
  readonly #files = new Map<string, Assertion[]>()
  readonly #skippedSuites = new Map<string, SkippedSuite[]>()
  /** The suites around the current test, for each file. */
  readonly #suites = new Map<string, string[]>()

  started({ file = '', name, nesting }: TestEvent): void {
    const path = this.#suites.get(file) ?? []
    this.#suites.set(file, [...path.slice(0, nesting), name])
  }

  passed(event: TestEvent): void {
    const { skip, file = '' } = event
    const isSkipped = skip !== undefined && skip !== false
    if (!isSuite(event)) this.#add(event, isSkipped ? 'skipped' : 'passed', [], skip)
    else if (isSkipped) {
      const suites = this.#skippedSuites.get(file) ?? []
      this.#skippedSuites.set(file, suites)
      suites.push({ title: event.name, reason: String(skip) })
    }
  }

  failed(event: TestEvent): void {
    const error = event.details?.error
    // A suite fails with its tests, which are counted; a file that died or hung has only itself.
    if (isSuite(event) && (error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed') return
    const cause = error?.cause instanceof Error ? error.cause : error
    const message = cause?.stack ?? String(error?.cause ?? error)
    this.#add(event, 'failed', [message])
    this.failures.push({ file: event.file ?? event.name, title: event.name, message })
  }

  #add(event: TestEvent, status: Assertion['status'], failureMessages: string[], skip?: string | boolean): void {
    const file = event.file ?? event.name
    this.counts[status]++
    const around = (this.#suites.get(file) ?? []).slice(0, event.nesting)
    const list = this.#files.get(file) ?? []
    this.#files.set(file, list)
    const reason = typeof skip === 'string' ? { reason: skip } : {}
    list.push({ title: event.name, fullName: [...around, event.name].join(' '), status, failureMessages, ...reason })
  }

  toJSON(): object {
    const { passed, failed, skipped } = this.counts
    return {
      success: failed === 0 && passed > 0,
      numTotalTests: passed + failed + skipped,
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
      testResults: [...this.#files].map(([file, assertionResults]) => ({
        name: basename(file),
        status: assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
        assertionResults,
      })),
      skippedSuites: [...this.#skippedSuites].flatMap(([file, suites]) =>
        suites.map((suite) => ({ name: basename(file), ...suite })),
      ),
    }
  }
}

function isSuite(event: TestEvent): boolean {
  return event.details?.type === 'suite'
}
