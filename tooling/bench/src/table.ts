import CliTable from 'cli-table3'

export interface Table {
  title: string
  head: readonly string[]
  rows: readonly (readonly (string | number)[])[]
  /** What a reader must know to read it. */
  note?: string
}

/** A number with as many digits as its size deserves; a dash for what was not measured. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '-'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function render({ title, head, rows, note }: Table): string {
  const table = new CliTable({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  })
  table.push(...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? figure(cell) : cell))))
  return `\n${title}\n${table.toString()}${note ? `\n${note}` : ''}`
}
