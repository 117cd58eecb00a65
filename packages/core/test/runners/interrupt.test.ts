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

const windows = process.platform === 'win32'
/** How a process ends that Ctrl-C ended; a shell of Windows tells it by the code. */
const ended = windows ? { code: 0xc000013a, signal: null } : { code: null, signal: 'SIGINT' }

/** Runs a scenario of the program and presses Ctrl-C each time it prints one of `press`. */
async function interrupt(scenario: string, press: string[] = ['ready']) {
  const started = spawn(process.execPath, [program, scenario], { stdio: [windows ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  // On Windows nobody can send a process SIGINT; the program then does what Node does with a Ctrl-C of its console.
  const pressNow = () => (windows ? started.stdin!.write('^C\n') : started.kill('SIGINT'))
  child = started
  const output = { stdout: '', stderr: '' }
  const left = [...press]
  started.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    for (const line of text.split('\n')) if (line !== '' && line === left[0] && left.shift()) pressNow()
  })
  started.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const [code, signal] = await once(started, 'close')
  return { code, signal, lines: output.stdout.split('\n').slice(0, -1), stderr: output.stderr }
}

describe('Ctrl-C', () => {
  it.each(['uncaught, awaited', 'uncaught, not awaited'])(
    '[RAR-11] cancels main; an InterruptedError %s ends the process as the signal does',
    async (scenario) => {
      const outcome = await interrupt(scenario)
      expect(outcome).toEqual({ ...ended, lines: ['ready', 'cleaned up'], stderr: '' })
    },
  )

  it('[RAR-11] run rejects with InterruptedError when the clean-up is done, and leaves no listener', async () => {
    const outcome = await interrupt('caught')
    expect(outcome).toEqual({
      code: 0,
      signal: null,
      lines: ['ready', 'cleaned up', 'InterruptedError SIGINT ERR_INTERRUPTED', 'listeners: 0'],
      stderr: '',
    })
  })

  it('[RAR-11] a second one ends the process at once', async () => {
    const outcome = await interrupt('clean-up that takes long', ['ready', 'cleaning'])
    expect(outcome).toMatchObject({ ...ended, lines: ['ready', 'cleaned up', 'cleaning'] })
  })

  it('[RAR-11] a main that swallows the cancellation gives its result', async () => {
    const outcome = await interrupt('swallowed by main')
    expect(outcome).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'result after CancelledError'] })
  })

  it('[RAR-11] reaches every run of the process', async () => {
    const outcome = await interrupt('several at once')
    expect(outcome).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'InterruptedError InterruptedError'] })
  })

  it('[RAR-12] on a task that is being cancelled already it stays CancelledError', async () => {
    const outcome = await interrupt('already cancelled')
    expect(outcome).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'CancelledError'] })
  })

  it('is left to a program that listens for SIGINT before run', async () => {
    const outcome = await interrupt('own listener before run')
    expect(outcome).toMatchObject({ code: 0, lines: ['ready', 'own listener'] })
  })

  it('an uncaughtException listener of the program gets the error instead', async () => {
    const outcome = await interrupt('seen by an uncaughtException listener')
    expect(outcome).toMatchObject({ code: 0, lines: ['ready', 'cleaned up', 'listener: InterruptedError'] })
  })

  it('is no business of a run in a worker thread', async () => {
    const outcome = await interrupt('in a worker', [])
    expect(outcome).toMatchObject({ code: 0, lines: ['listeners: 0'] })
  })
})
