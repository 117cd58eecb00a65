import { describe, expect, it } from 'vitest'
import { parseReference } from '../../src/parity/reference.js'
import { sections } from '../../src/parity/sections.js'

const rows = sections.flatMap((section) => section.rows)

describe('the rows of the table', () => {
  it('are numbered without a gap', () => {
    expect(rows.map((row) => row.id)).toEqual(rows.map((_, i) => `A${String(i + 1).padStart(3, '0')}`))
    expect(rows.length).toBe(412)
  })

  it('name something, or say why not', () => {
    for (const row of rows) {
      for (const name of row.names) expect(() => parseReference(name)).not.toThrow()
      if (row.state === 'done') expect(row.names.length > 0 || row.note !== '', row.id).toBe(true)
      if (row.state === 'not applicable') expect(row.note, row.id).not.toBe('')
    }
  })
})
