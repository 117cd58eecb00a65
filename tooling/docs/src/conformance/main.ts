// node dist/conformance/main.js: writes docs/conformance.md from the reports in reports/.
// --print: prints it instead.
// --check: that the page has a row for each file of the suite; its counts are those of the run that it was written from.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { columns, conformancePage, type Report } from './page.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const page = join(root, 'docs/conformance.md')
const files = readdirSync(join(root, 'tooling/conformance/src'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => name.replace(/\.test\.ts$/, ''))
  .sort()

if (process.argv.includes('--check')) {
  const rows = [...readFileSync(page, 'utf8').matchAll(/^\| ([a-z_]+) \|.*\d/gm)].map(([, name]) => name)
  const missing = files.filter((file) => !rows.includes(file))
  const gone = rows.filter((name) => name !== 'file' && !files.includes(name!))
  for (const file of missing)
    console.error(`docs/conformance.md has no counts of ${file}: run the suite and npm run conformance:page`)
  for (const file of gone)
    console.error(`docs/conformance.md speaks of ${file}, which is gone: run npm run conformance:page`)
  if (missing.length + gone.length > 0) process.exitCode = 1
} else {
  const reports = new Map<string, Report>()
  for (const { report } of columns) {
    const path = join(root, 'reports', `conformance-${report}.json`)
    if (existsSync(path)) reports.set(report, JSON.parse(readFileSync(path, 'utf8')) as Report)
  }
  const text = conformancePage(reports, files)
  if (process.argv.includes('--print')) console.log(text)
  else writeFileSync(page, text)
}
