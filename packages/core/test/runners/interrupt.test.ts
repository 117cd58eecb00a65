import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('interrupted_program.mjs', import.meta.url))
let child: ChildProcess | null = null

afterEach(() => {
  child?.kill('SIGKILL')
  child = null
})

/** Runs a scenario of the program and sends it SIGINT each time it prints one of `press`. */
async function interrupt(scenario: string, press: string[] = ['ready']) {
  const started = spawn(process.execPath, [program, scenario], { stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  const output = { stdout: '', stderr: '' }
  const left = [...press]
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    for (const line of text.split('\n')) if (line !== '' && line === left[0] && left.shift()) started.kill('SIGINT')
  })
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const [code, signal] = await once(started, 'close')
  return { code, signal, lines: output.stdout.split('\n').slice(0, -1), stderr: output.stderr }
}

// Windows has no signals to send to a process: there Ctrl-C comes from a console.
describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it.each(['uncaught, awaited', 'uncaught, not awaited'])(
    '[RAR-11] cancels main; an InterruptedError %s ends the process as the signal does',
    async (scenario) => {
      const ended = await interrupt(scenario)
      expect(ended).toEqual({ code: null, signal: 'SIGINT', lines: ['ready', 'cleaned up'], stderr: '' })
    },
  )

  it('[RAR-11] run rejects with InterruptedError when the clean-up is done, and leaves no listener', async () => {
    const ended = await interrupt('caught')
    expect(ended).toEqual({
      code: 0,
      signal: null,
      lines: ['ready', 'cleaned up', 'InterruptedError SIGINT ERR_INTERRUPTED', 'listeners: 0'],
      stderr: '',
    })
  })

  it('[RAR-11] a second one ends the process at once', async () => {
    const ended = await interrupt('clean-up that takes long', ['ready', 'cleaning'])
    expect(ended).toMatchObject({ signal: 'SIGINT', lines: ['ready', 'cleaned up', 'cleaning'] })
  })

  it('[RAR-11] a main that swallows the cancellation gives its result', async () => {
    const ended = await interrupt('swallowed by main')
    expect(ended).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'result after CancelledError'] })
  })

  it('[RAR-11] reaches every run of the process', async () => {
    const ended = await interrupt('several at once')
    expect(ended).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'InterruptedError InterruptedError'] })
  })

  it('[RAR-12] on a task that is being cancelled already it stays CancelledError', async () => {
    const ended = await interrupt('already cancelled')
    expect(ended).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'CancelledError'] })
  })

  it('is left to a program that listens for SIGINT before run', async () => {
    const ended = await interrupt('own listener before run')
    expect(ended).toMatchObject({ code: 0, lines: ['ready', 'own listener'] })
  })

  it('an uncaughtException listener of the program gets the error instead', async () => {
    const ended = await interrupt('seen by an uncaughtException listener')
    expect(ended).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'listener: InterruptedError'] })
  })

  it('is no business of a run in a worker thread', async () => {
    const ended = await interrupt('in a worker', [])
    expect(ended).toMatchObject({ code: 0, lines: ['listeners: 0'] })
  })
})
