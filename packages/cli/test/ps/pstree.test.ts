import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command, program } from '../command.js'
import { lineOf } from '../programs/line_of.js'

let session: string
beforeEach(() => {
  session = mkdtempSync(join(tmpdir(), 'loop-cli-'))
})
afterEach(() => rmSync(session, { recursive: true, force: true }))

describe.runIf(process.platform !== 'win32')('loop pstree', () => {
  it('shows below each task those that it waits for, with their places, and names deadlocks', async () => {
    const env = { XDG_RUNTIME_DIR: session }
    const { pid } = await program('stuck', { ...env, LOOP_PS: '1' })
    const { code, stdout } = await command(['pstree', String(pid)], env)
    expect(code).toBe(0)
    const lines = stdout
      .replaceAll(/ \(\d+\)/g, '')
      .replaceAll(/:\d+\)/g, ')')
      .trimEnd()
      .split('\n')
    expect(lines[0]).toMatch(/6 tasks$/)
    expect(lines.slice(1, 9)).toEqual([
      'Task-1: main, waiting',
      `│    main (${lineOf('stuck', 'main')})`,
      '└── member: (anonymous), waiting',
      expect.stringMatching(/^ {4}│ {4}/),
      '    └── worker: work, waiting',
      `             take (${lineOf('stuck', 'take')})`,
      `             work (${lineOf('stuck', 'work')})`,
      'database: query, waiting',
    ])
    expect(lines.at(-1)).toBe('Deadlock: first waits for second waits for first')
  })

  it('--json gives the same as data', async () => {
    const env = { XDG_RUNTIME_DIR: session }
    const { pid } = await program('stuck', { ...env, LOOP_PS: '1' })
    const { stdout } = await command(['pstree', String(pid), '--json'], env)
    const [loop] = JSON.parse(stdout).threads[0].loops
    expect(loop.roots.map((root: { name: string }) => root.name)).toEqual(['Task-1', 'database', 'first'])
    expect(loop.roots[0].waitsForTasks[0].waitsForTasks[0].name).toBe('worker')
    expect(loop.deadlocks).toHaveLength(1)
  })
})
