import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { atTerminal, command, start } from '../command.js'

/** What the prompt answered, line by line. */
async function answers(...lines: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await command(['repl'], {}, lines.join('\n'))
  expect([code, stderr]).toEqual([0, ''])
  return stdout.split('\n').map((line) => line.replace(/^(> )+/, ''))
}

describe('loop repl, from a pipe', () => {
  it('awaits inside a running loop, one line after the other', async () => {
    const seen = await answers('await sleep(20, "first")', 'await gather([sleep(1, 2), 3].slice(0, 1))', '1 + 1')
    expect(seen.slice(0, 3)).toEqual(["'first'", '[ 2 ]', '2'])
  })

  it('has asyncio and its names in reach, and leaves those of the host alone', async () => {
    const seen = await answers('getRunningLoop().isRunning()', 'typeof asyncio.TaskGroup', 'Event === asyncio.Event')
    expect(seen.slice(0, 3)).toEqual(['true', "'function'", 'false'])
  })

  it('runs what is typed in a task, whose objects are those of the library', async () => {
    const seen = await answers(
      'currentTask().getName()',
      'const future = getRunningLoop().createFuture()',
      'future.setException(new Error("of the same realm"))',
      'await future.catch((error) => error.message)',
    )
    expect([seen[0], seen[3]]).toEqual(["'input'", "'of the same realm'"])
  })

  it('goes on after errors, and after a statement of several lines', async () => {
    const seen = await answers(
      'missing',
      'await (async () => { throw new Error("late") })()',
      'function f() {',
      'return 7 }',
      'f()',
    )
    const text = seen.join('\n')
    expect(text).toContain('Uncaught ReferenceError: missing is not defined')
    expect(text).toContain('Uncaught Error: late')
    expect(text).toMatch(/undefined\n7\n/)
  })

  it('prints a line of JSON for each input with --json', async () => {
    const lines = ['await sleep(1, 2)', 'throw new Error("no")', 'const list = [', '1]', 'list', 'throw 5', '.help']
    const { code, stdout, stderr } = await command(['repl', '--json'], {}, lines.join('\n'))
    expect([code, stderr]).toEqual([0, ''])
    const seen = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(seen.map(({ ok }) => ok)).toEqual([true, false, true, true, false])
    expect(seen.map(({ text }) => text.split('\n')[0])).toEqual(['2', 'Error: no', 'undefined', '[ 1 ]', '5'])
  })

  it('cancels at the end what is left, and waits for its clean-up', async () => {
    const seen = await answers(
      'const left = createTask(async () => { try { await sleep(1e6) } finally { await sleep(1); console.log("cleaned up") } })',
      'await sleep(1)',
    )
    expect(seen.at(-2)).toBe('cleaned up')
  })

  it('`.exit` leaves although the pipe is open', async () => {
    const prompt = start(['repl'])
    prompt.write('1 + 1\n.exit\n')
    expect(await prompt.ended).toBe(0)
  })

  it('a signal interrupts what is awaited, and cancels it', async () => {
    const prompt = start(['repl'])
    // It says so after an await: before that the signal would meet code that runs, and end that.
    prompt.write('const forever = async () => { await sleep(1); console.log("waiting"); await sleep(1e6) }\n')
    prompt.write('await forever().finally(() => console.log("cleaned up"))\n')
    await prompt.until('waiting')
    prompt.child.kill('SIGINT')
    await prompt.until('ERR_SCRIPT_EXECUTION_INTERRUPTED')
    await prompt.until('cleaned up')
    prompt.write('"still " + "here"\n')
    await prompt.until("'still here'")
    prompt.child.stdin!.end()
    expect(await prompt.ended).toBe(0)
  })
})

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0

describe.runIf(hasScript)('loop repl, at a terminal (where util-linux has `script`)', () => {
  const ctrl = { c: '\x03', d: '\x04' }

  it('Ctrl-C interrupts what is awaited, of the loop or not; Ctrl-D leaves', async () => {
    const prompt = atTerminal(['repl'])
    await prompt.until('Ctrl-D leaves.')
    await prompt.until('> ')
    for (const never of ['sleep(1e6)', 'new Promise(() => {})']) {
      prompt.write(`await sleep(1); console.log('be' + 'gun'); await ${never}\r`)
      await prompt.until('begun')
      prompt.write(ctrl.c)
      await prompt.until('ERR_SCRIPT_EXECUTION_INTERRUPTED')
      await prompt.until('> ')
    }
    prompt.write("await sleep(1, 'go' + 'es on')\r")
    await prompt.until("'goes on'")
    await prompt.until('> ')
    prompt.write(ctrl.d)
    expect(await prompt.ended).toBe(0)
  })
})
