import { describe, expect, it } from 'vitest'
import { Recording } from '../src/recording.js'
import { writtenPrograms } from '../src/written.js'

describe('written programs', () => {
  const programs = writtenPrograms()

  it('are at least forty, each with a title of its own', () => {
    expect(programs.length).toBeGreaterThanOrEqual(40)
    expect(new Set(programs.map((program) => program.title)).size).toBe(programs.length)
  })

  it('are recorded as they are', () => {
    const recording = Recording.read()
    for (const program of programs) expect(recording.trace(program).length).toBeGreaterThan(0)
  })

  it('are not taken for what was recorded when they have changed', () => {
    const changed = { ...programs[0]!, main: [...programs[0]!.main, { op: 'tasks' as const }] }
    expect(() => Recording.read().trace(changed)).toThrow('Record anew')
  })
})
