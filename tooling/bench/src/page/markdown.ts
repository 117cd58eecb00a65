import { figure } from '../table.js'

export type Row = readonly (string | number)[]

/** A table of Markdown: the first column is text, the others are figures. */
export function markdownTable(head: readonly string[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => line(row.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)))),
  ].join('\n')
}
