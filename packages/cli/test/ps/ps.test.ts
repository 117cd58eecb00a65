import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command, program } from '../command.js'
import { lineOf } from '../programs/line_of.js'

const unix = process.platform !== 'win32'
let session: string
/** The session of the program and of the command. */
let env: { XDG_RUNTIME_DIR: string }

beforeEach(() => {
  session = mkdtempSync(join(tmpdir(), 'loop-cli-'))
  env = { XDG_RUNTIME_DIR: session }
})
afterEach(() => rmSync(session, { recursive: true, force: true }))

const ps = (pid: number, ...args: string[]) => command(['ps', String(pid), ...args], env)
const sockets = () => (existsSync(join(session, 'loop')) ? readdirSync(join(session, 'loop')) : [])

interface Entry {
  id: number
  name: string
  state: string
  stack: string[]
  awaitedBy: number[]
}

/** A row's cells: at least two blanks between them. */
const row = (table: string, task: string) =>
  table
    .split('\n')
    .find((line) => line.split(/ {2,}/)[1] === task)
    ?.split(/ {2,}/)

describe.runIf(unix)('loop ps', () => {
  it('names a stuck task and the line where it waits', async () => {
    const { pid } = await program('stuck', { ...env, LOOP_PS: '1' })
    const { code, stdout } = await ps(pid)
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Process ${pid}: SelectorEventLoop \\(\\w+, \\w+\\), 6 tasks\n`))
    expect(row(stdout, 'worker')).toMatchObject([/^\d+$/, 'worker', 'work', 'waiting', /^member \(\d+\)$/, /^take \(/])
    expect(stdout).toContain(`take (${lineOf('stuck', 'take')}:`)
    expect(stdout).toContain(`work (${lineOf('stuck', 'work')}:`)
    expect(stdout).toContain(`main (${lineOf('stuck', 'main')}:`)
  })

  it('knows the line also where a task awaits a promise that is not the loop’s', async () => {
    const { pid } = await program('stuck', { ...env, LOOP_PS: '1' })
    expect(row((await ps(pid)).stdout, 'database')?.at(-1)).toContain(`query (${lineOf('stuck', 'query')}:`)
  })

  it('--json gives the same as data', async () => {
    const { pid } = await program('stuck', { ...env, LOOP_PS: '1' })
    const { code, stdout } = await ps(pid, '--json')
    const answer = JSON.parse(stdout) as { pid: number; threads: { loops: { tasks: Entry[] }[] }[]; problems: string[] }
    expect([code, answer.pid, answer.problems]).toEqual([0, pid, []])
    const tasks = answer.threads[0]!.loops[0]!.tasks
    const [worker, member] = ['worker', 'member'].map((name) => tasks.find((task) => task.name === name)!)
    expect(worker!.stack[0]).toContain(`at async take (${lineOf('stuck', 'take')}:`)
    expect(worker!.awaitedBy).toEqual([member!.id])
  })

  it('answers while the loop is busy with input and output', async () => {
    const { pid } = await program('busy', env)
    for (let i = 0; i < 3; i++) {
      const { code, stdout } = await ps(pid)
      expect([code, row(stdout, 'echo')?.[2]]).toEqual([0, 'echo'])
    }
  })

  it('shows each thread', async () => {
    const { pid } = await program('threads', env)
    const { stdout } = await ps(pid)
    expect(stdout).toMatch(new RegExp(`^Process ${pid}: .*1 task\n[^]*^Process ${pid}, thread 1: .*1 task\n`, 'm'))
  })
})

describe.runIf(unix)('loop ps says clearly', () => {
  it('that a thread is blocked, after the time limit', async () => {
    const { pid } = await program('blocked', env)
    const { code, stdout, stderr } = await ps(pid, '--timeout', '300')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(`loop: process ${pid} does not answer within 300 ms: its JavaScript thread is blocked`)
  })

  it('that a process did not opt in', async () => {
    const { pid } = await program('not_in', env)
    expect(await ps(pid)).toMatchObject({ code: 1, stdout: '' })
    expect((await ps(pid)).stderr).toBe(
      `loop: process ${pid} did not opt in: start it with LOOP_PS=1, or let it call serveIntrospection()\n`,
    )
  })

  it('that a process is gone; the socket of one that was killed is removed', async () => {
    const gone = await program('not_in', env)
    gone.child.kill('SIGKILL')
    await gone.ended
    expect((await ps(gone.pid)).stderr).toBe(`loop: there is no process ${gone.pid}\n`)
  })

  it('that a process has the number of one that was killed, and removes what that left behind', async () => {
    const killed = await program('stuck', { ...env, LOOP_PS: '1' })
    killed.child.kill('SIGKILL')
    await killed.ended
    const { pid } = await program('not_in', env)
    renameSync(join(session, 'loop', `${killed.pid}.0.sock`), join(session, 'loop', `${pid}.0.sock`))
    expect((await ps(pid)).stderr).toContain('did not opt in')
    expect(sockets()).toEqual([])
  })

  it('what is wrong with its arguments', async () => {
    for (const args of [['ps'], ['ps', 'abc'], ['ps', '0'], ['ps', '1', '--timeout', '-1'], ['unknown']]) {
      const { code, stdout, stderr } = await command(args, env)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^error: /)
    }
  })
})

describe.runIf(unix && process.getuid?.() === 0)('users (needs to be root)', () => {
  it('a process of somebody else is that user’s', async () => {
    const { pid } = await program('not_in', env)
    const asked = await program('as_nobody', { ...env, PROCESS: String(pid) })
    expect(await asked.ended).toBe(1)
    expect(asked.stderr).toBe(`loop: process ${pid} belongs to user 0: only that user and root can look into it\n`)
  })

  it('root can look into it', async () => {
    const { pid } = await program('stuck', { LOOP_PS: '1', AS_NOBODY: '1', XDG_RUNTIME_DIR: '', TMPDIR: '/tmp' })
    expect(row((await ps(pid)).stdout, 'worker')?.[2]).toBe('work')
  })
})
