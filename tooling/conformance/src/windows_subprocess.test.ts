// Children on Windows: the programs are node.exe and cmd.exe. See subprocess.test.ts for those of Unix.
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  gather,
  NotImplementedError,
  PIPE,
  type ProcessOptions,
  STDOUT,
  sleep,
} from '@loop/core'
import { ProcessRecorder } from './children.js'
import { supports, withinLoop } from './within_loop.js'

const only =
  process.platform === 'win32' && supports('subprocess')
    ? {}
    : { skip: 'of Windows’ proactor; subprocess.test.ts is about the children of others' }

const megabyte = 1 << 20
/** Milliseconds; a program takes up to half a second to start under Wine, and more on a busy machine. */
const limit = 60_000
const within = (body: Parameters<typeof withinLoop>[0]) => withinLoop(body, limit)

/** A program for node.exe, with what it gets as arguments. */
const node = (code: string, ...args: string[]) => [process.execPath, '-e', code, '--', ...args]

const all: ProcessOptions = { stdin: PIPE, stdout: PIPE, stderr: PIPE }
const forever = 'setInterval(() => {}, 1e6)'

async function output(code: string, args: string[] = [], options: ProcessOptions = {}): Promise<string> {
  const child = await createSubprocessExec(node(code, ...args), { stdin: DEVNULL, stdout: PIPE, ...options })
  const [stdout] = await child.communicate()
  assert.equal(child.returncode, 0)
  return stdout!.toString()
}

describe('children on Windows', only, () => {
  it('[SHL-01] communicate feeds input and collects outputs', () =>
    within(async () => {
      const code = 'process.stdin.pipe(process.stdout); console.error("err")'
      const child = await createSubprocessExec(node(code), all)
      assert.equal(child.returncode, null)
      assert.deepEqual((await child.communicate('some data')).map(String), ['some data', 'err\n'])
      assert.equal(child.returncode, 0)
      assert.equal(await child.wait(), 0)
    }))

  it('[SHL-02] communicate without input closes standard input, [SHL-03] and ignores a child that does not read', () =>
    within(async () => {
      const reads = await createSubprocessExec(node('process.stdin.pipe(process.stdout)'), {
        stdin: PIPE,
        stdout: PIPE,
      })
      const [stdout, stderr] = await reads.communicate()
      assert.deepEqual([stdout!.length, stderr], [0, null])
      const deaf = await createSubprocessExec(node('process.exitCode = 4'), { stdin: PIPE, stdout: PIPE })
      const [nothing] = await deaf.communicate(Buffer.alloc(8 * megabyte))
      assert.deepEqual([nothing!.length, deaf.returncode], [0, 4])
    }))

  it('[SHL-04] writing to a child that is gone is EPIPE or ECONNRESET', () =>
    within(async () => {
      const child = await createSubprocessExec(node(''), { stdin: PIPE })
      await child.wait()
      const fill = async () => {
        for (;;) {
          child.stdin!.write(Buffer.alloc(megabyte))
          await child.stdin!.drain()
        }
      }
      await assert.rejects(fill, ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'ECONNRESET')
    }))

  it('[SHL-07] reading is paused above the limit', () =>
    within(async () => {
      const size = 21
      const child = await createSubprocessExec(node(`process.stdout.write("0".repeat(${size}))`), {
        stdout: PIPE,
        limit: 10,
      })
      while (!inspect(child.stdout).includes('paused')) await sleep(1)
      assert.equal((await child.stdout!.readexactly(size)).length, size)
      assert.equal(await child.wait(), 0)
    }))

  it('[SHL-08] a sibling does not inherit the pipe of standard input', () =>
    within(async () => {
      const code = 'process.stdin.pipe(process.stdout)'
      const first = await createSubprocessExec(node(code), { stdin: PIPE, stdout: PIPE })
      const second = await createSubprocessExec(node(code), { stdin: PIPE, stdout: PIPE })
      first.stdin!.close()
      assert.equal(await first.wait(), 0)
      assert.equal(second.returncode, null)
      await second.communicate()
    }))

  it('[SHL-09] wait can be cancelled and repeated; all who wait get the code', () =>
    within(async ({ loop }) => {
      const code = 'process.stdin.once("data", () => process.exit(6))'
      const child = await createSubprocessExec(node(code), { stdin: PIPE })
      const waiting = loop.createTask(() => child.wait())
      await sleep(0)
      waiting.cancel()
      await assert.rejects(async () => waiting, { name: 'CancelledError' })
      const all = gather([() => child.wait(), () => child.wait(), () => child.wait()])
      child.stdin!.write('now')
      assert.deepEqual(await all, [6, 6, 6])
      assert.equal(await child.wait(), 6)
    }))

  it('[SHL-10] wait waits for the pipes, which a grandchild may keep', () =>
    within(async ({ loop }) => {
      const heir = `require('node:child_process').spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
        // Node ends the others with itself.
        detached: true,
        stdio: ['inherit', 'inherit', 'ignore'],
      }).on('spawn', () => process.exit(2))`
      const child = await createSubprocessExec(node(heir), { stdin: PIPE, stdout: PIPE })
      const waiting = loop.createTask(() => child.wait())
      while (child.returncode === null) await sleep(5)
      assert.equal(child.returncode, 2)
      assert.equal(waiting.done(), false)
      child.stdin!.close()
      assert.equal(await waiting, 2)
    }))

  it('[SHL-16] [STAP-09] text mode, buffering and a wrong shell are refused at the call', () =>
    within(async ({ loop }) => {
      const exec = (options: object) => () => createSubprocessExec(node(''), options)
      const shell = (options: object) => () => createSubprocessShell('exit', options)
      const made = () => new ProcessRecorder(loop)
      for (const name of ['universalNewlines', 'text', 'encoding', 'errors'])
        for (const call of [exec, shell]) assert.throws(call({ [name]: 'utf8' }), RangeError)
      for (const call of [exec, shell]) assert.throws(call({ bufsize: 4096 }), RangeError)
      assert.throws(() => loop.subprocessExec(made, node(''), { shell: true } as object), RangeError)
      assert.throws(() => loop.subprocessShell(made, 'exit', { shell: false } as object), RangeError)
    }))

  it('large input and output, both ways at once', () =>
    within(async () => {
      const data = Buffer.alloc(4 * megabyte, 'there and back ')
      const child = await createSubprocessExec(node('process.stdin.pipe(process.stdout)'), {
        stdin: PIPE,
        stdout: PIPE,
      })
      const [stdout] = await child.communicate(data)
      assert.ok(stdout!.equals(data))
    }))

  it('[SHL-05] DEVNULL for each stream, [STAP-05] and STDOUT for the errors', () =>
    within(async () => {
      const code = 'process.stdin.pipe(process.stdout); console.log("out"); console.error("err")'
      const none = await createSubprocessExec(node(code), { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL })
      assert.deepEqual([none.stdin, none.stdout, none.stderr], [null, null, null])
      assert.equal(await none.wait(), 0)
      assert.equal(await output('console.log("out"); console.error("err")', [], { stderr: STDOUT }), 'out\nerr\n')
    }))

  it('[SHL-06] output can be read after the exit, whose code is there', () =>
    within(async () => {
      const code = 'process.stdout.write("first\\nsecond\\n"); process.exitCode = 300'
      const child = await createSubprocessExec(node(code), { stdout: PIPE })
      while (child.returncode === null) await sleep(5)
      assert.equal(child.returncode, 300)
      assert.equal(String(await child.stdout!.readline()), 'first\n')
      assert.equal(String(await child.stdout!.read()), 'second\n')
    }))

  it('arguments arrive as they were given, whatever is in them', () =>
    within(async () => {
      const hostile = [
        '',
        ' ',
        '"',
        '\\',
        '\\\\"',
        'a b',
        'a\\ b\\',
        '%PATH%',
        '^&|<>',
        "it's",
        'é✓😀',
        '--x="y z"',
        'a\tb',
      ]
      const seen = await output('process.stdout.write(JSON.stringify(process.argv.slice(1)))', hostile)
      assert.deepEqual(JSON.parse(seen), hostile)
    }))

  it('[SHL-15] cwd and env are the child’s, and nothing else is', () =>
    within(async ({ own }) => {
      const folder = own(new Folder())
      const code =
        'process.stdout.write(JSON.stringify([process.cwd(), process.env.LOOP_TEST, process.env.PATH ?? null]))'
      const env = { LOOP_TEST: 'ä = b', SystemRoot: process.env['SystemRoot'] }
      const [cwd, variable, path] = JSON.parse(await output(code, [], { cwd: folder.path, env }))
      assert.deepEqual([realpathSync(cwd), variable, path], [realpathSync(folder.path), 'ä = b', null])
    }))

  it('[SHL-11] a program or a directory that is not there', () =>
    within(async () => {
      const nothing = 'no-such-program'
      await assert.rejects(createSubprocessExec([nothing]), { code: 'ENOENT', path: nothing })
      const cwd = join(tmpdir(), 'no-such-directory')
      await assert.rejects(createSubprocessExec(node(''), { cwd }), { code: 'ENOENT', path: cwd })
    }))

  it('options that are Unix’s say so', () =>
    within(async () => {
      for (const option of [{ user: 1 }, { umask: 0o22 }, { passFds: [3] }, { pty: true }]) {
        await assert.rejects(async () => createSubprocessExec(node(''), option), NotImplementedError)
      }
    }))

  it('[STAP-01] a command line of the shell', () =>
    within(async () => {
      const child = await createSubprocessShell('echo one two& exit 7', { stdout: PIPE })
      const [stdout] = await child.communicate()
      assert.equal(stdout!.toString().trim(), 'one two')
      assert.equal(child.returncode, 7)
    }))

  it('a batch file gets its arguments, and refuses what cmd.exe would run', () =>
    within(async ({ own }) => {
      const folder = own(new Folder())
      const file = join(folder.path, 'say.bat')
      writeFileSync(file, '@echo off\r\necho [%1] [%2]\r\n')
      const child = await createSubprocessExec([file, 'a & echo no', 'b'], { stdout: PIPE })
      const [stdout] = await child.communicate()
      assert.equal(stdout!.toString().trim(), '["a & echo no"] ["b"]')
      await assert.rejects(async () => createSubprocessExec([file, '%PATH%']), RangeError)
    }))

  it('[STAP-04] terminate, kill and sendSignal end it, with the code 1', () =>
    within(async () => {
      for (const end of ['terminate', 'kill', 'sendSignal'] as const) {
        const child = await createSubprocessExec(node(forever))
        if (end === 'sendSignal') child.sendSignal('SIGTERM')
        else child[end]()
        assert.equal(await child.wait(), 1)
        assert.throws(() => child.kill(), { code: 'ESRCH' })
      }
      const child = await createSubprocessExec(node(forever))
      assert.throws(() => child.sendSignal('SIGUSR1' as never))
      child.kill()
      await child.wait()
    }))

  it('[STAP-10] the protocol hears of data, of the end of each pipe, of the exit, [STAP-03] and then of the end', () =>
    within(async ({ loop }) => {
      const code = 'console.log("out"); console.error("err"); process.exitCode = 3'
      const made = () => new ProcessRecorder(loop)
      const [transport, recorder] = await loop.subprocessExec(made, node(code), { stdin: DEVNULL })
      assert.equal(recorder.events[0], 'made')
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.output, { 1: 'out\n', 2: 'err\n' })
      assert.equal(transport.getReturncode(), 3)
      assert.equal(recorder.events.at(-1), 'lost')
      for (const event of ['lost 1 null', 'lost 2 null', 'exited']) assert.ok(recorder.events.includes(event), event)
    }))

  it('[STAP-02] the exit code is there when processExited is called', () =>
    within(async ({ loop }) => {
      const recorder = new ProcessRecorder(loop)
      let code: number | null = null
      const exited = recorder.processExited
      recorder.processExited = () => {
        code = recorder.process.getReturncode()
        exited.call(recorder)
      }
      await loop.subprocessExec(() => recorder, node('process.exitCode = 7'), {
        stdin: null,
        stdout: null,
        stderr: null,
      })
      await recorder.ended()
      assert.equal(code, 7)
    }))

  it('[STAP-06] closing standard input is the end of it, [STAP-08] and inherited streams have no transport', () =>
    within(async ({ loop }) => {
      const code = 'process.stdin.on("end", () => process.exit(5)).resume()'
      const streams: ProcessOptions = { stdin: PIPE, stdout: null, stderr: null }
      const [transport, recorder] = await loop.subprocessExec(() => new ProcessRecorder(loop), node(code), streams)
      assert.deepEqual([transport.getPipeTransport(1), transport.getPipeTransport(2)], [null, null])
      transport.getPipeTransport(0)!.close()
      await recorder.ended()
      assert.equal(transport.getReturncode(), 5)
    }))

  it('[STAP-11] close kills a child that runs', () =>
    within(async ({ loop }) => {
      const [transport, recorder] = await loop.subprocessExec(() => new ProcessRecorder(loop), node(forever))
      transport.close()
      await recorder.ended()
      assert.equal(transport.getReturncode(), 1)
    }))

  it('closing the loop ends the child that runs, and tells nobody', async () => {
    let pid = 0
    await within(async () => {
      const child = await createSubprocessExec(node(forever), { stdout: PIPE })
      pid = child.pid
    })
    // Signal 0 asks whether there is such a process; its number goes away a little after its end.
    const runs = () => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    for (let wait = 0; wait < 500 && runs(); wait++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(runs(), false)
  })

  it('many at once', () =>
    within(async () => {
      const codes = await gather(
        Array.from({ length: 6 }, async (_, index) => {
          const child = await createSubprocessExec(node(`process.exitCode = ${index}`))
          return child.wait()
        }),
      )
      assert.deepEqual(codes, [0, 1, 2, 3, 4, 5])
    }))
})

/** A folder that goes when the test does. */
class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'loop-'))
  close(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
