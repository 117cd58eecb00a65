import type { BuiltPackage } from './built_package.js'
import type { Row, Section } from './row.js'
import { sections } from './sections.js'

const intro = `# Parity with asyncio

What of Python's asyncio there is here and what it is called, row by row; generated from \`tooling/docs/src/parity\` (\`npm run docs\`), do not edit.
The ids number asyncio's public names, up to Python 3.15, in the order of its documentation. An argument stands in parentheses.
CI looks every name up in the built package: one that is *done* must exist, one that is *not yet* must not.
`

/** docs/parity.md: name by name. */
export function parity(): string {
  const rows = sections.flatMap((section) => section.rows)
  const count = (state: Row['state']) => rows.filter((row) => row.state === state).length
  const counts = `${rows.length} names: ${count('done')} done, ${count('not applicable')} not applicable, ${count('not yet')} not yet.\n`
  return [intro, counts, ...sections.map(table)].join('\n')
}

function table({ title, rows }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['id', 'asyncio', 'here', 'state']
  const lines = rows.map((row) => line([row.id, code(row.asyncio), row.names.map(code).join(', '), state(row)]))
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...lines, ''].join('\n')
}

const code = (name: string) => `\`${name}\``

function state({ state, note }: Row): string {
  if (note === '') return state
  return state === 'done' ? `done; ${note}` : `${state}: ${note}`
}

/** What the table says and the built package does not bear out; one line each. */
export function contradictions(built: BuiltPackage): string[] {
  const found: string[] = []
  for (const row of sections.flatMap((section) => section.rows)) {
    const there = built.gives(row)
    const what = `${row.id} ${row.asyncio}`
    if (row.state === 'done' && row.names.length > 0 && !there) {
      found.push(`${what} is said to be done, but ${row.names.join(', ')} is not in the built package`)
    }
    if (row.state === 'not yet' && there) {
      found.push(`${what} is said to be missing, but ${row.names.join(', ')} exists: make the row done`)
    }
  }
  return found
}
