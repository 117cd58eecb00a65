// npm run bench:page: writes docs/performance.md from the reports in reports/.
// -- --print: prints it instead.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SuiteName } from '../options.js'
import { places } from '../places.js'
import { performancePage, SUITES } from './page.js'
import { Recorded } from './recorded.js'

const runs = new Map<SuiteName, Recorded>()
for (const suite of SUITES) {
  const path = join(places.reports, `bench-${suite}.json`)
  if (existsSync(path)) runs.set(suite, new Recorded(JSON.parse(readFileSync(path, 'utf8'))))
}
const missing = SUITES.filter((suite) => !runs.has(suite))
if (missing.length > 0) {
  console.error(`No reports of ${missing.join(', ')}: run  npm run bench -- ${missing.join(' ')}`)
  process.exitCode = 1
} else if (process.argv.includes('--print')) {
  console.log(performancePage(runs))
} else {
  writeFileSync(join(places.root, 'docs', 'performance.md'), performancePage(runs))
}
