// createSubprocessExec, createSubprocessShell and Process.
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import {
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  gather,
  PIPE,
  type Process,
  pipe,
  STDOUT,
  sleep,
  socketpair,
} from '@loop/core'
import { holdUntilEnded, onlyWithProcesses, withChildren } from './children.js'

const megabyte = 1 << 20
/** An environment without what tools put into it, such as the preloaded library of a sanitizer. */
const { PATH } = process.env

const output = async (command: string, options: Parameters<typeof createSubprocessShell>[1] = {}) => {
  const process = await createSubprocessShell(command, { stdout: PIPE, ...options })
  const [stdout] = await process.communicate()
  return stdout!.toString()
}

/** What is open in a child, without what `ls` itself opens. */
const listing = 'ls /proc/$$/fd; true'

describe('processes', onlyWithProcesses, () => {
  it('[SHL-01] communicate feeds input and collects outputs', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['sh', '-c', 'cat; echo err >&2'], {
        stdin: PIPE,
        stdout: PIPE,
        stderr: PIPE,
      })
      assert.equal(process.returncode, null)
      const [stdout, stderr] = await process.communicate('some data')
      assert.equal(stdout!.toString(), 'some data')
      assert.equal(stderr!.toString(), 'err\n')
      assert.equal(process.returncode, 0)
      assert.equal(await process.wait(), 0)
      assert.deepEqual((await process.communicate()).map(String), ['', ''])
      assert.match(inspect(process), /returncode=0/)
    }))

  it('[SHL-02] communicate without input closes standard input', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['cat'], { stdin: PIPE, stdout: PIPE })
      const [stdout, stderr] = await process.communicate()
      assert.deepEqual([stdout!.length, stderr], [0, null])
    }))

  it('[SHL-03] communicate ignores a child that does not read', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['true'], { stdin: PIPE, stdout: PIPE })
      const [stdout] = await process.communicate(Buffer.alloc(8 * megabyte))
      assert.equal(stdout!.length, 0)
      assert.equal(process.returncode, 0)
    }))

  it('[SHL-04] writing to a child that is gone is EPIPE or ECONNRESET', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['true'], { stdin: PIPE })
      await process.wait()
      const fill = async () => {
        for (;;) {
          process.stdin!.write(Buffer.alloc(megabyte))
          await process.stdin!.drain()
        }
      }
      await assert.rejects(
        fill,
        (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || error.code === 'ECONNRESET',
      )
    }))

  it('[SHL-05] DEVNULL for each stream', () =>
    withChildren(async () => {
      const script = 'cat; echo out; echo err >&2'
      const none = await createSubprocessShell(script, { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL })
      assert.deepEqual([none.stdin, none.stdout, none.stderr], [null, null, null])
      assert.equal(await none.wait(), 0)
      assert.equal(await output(script, { stdin: DEVNULL, stderr: DEVNULL }), 'out\n')
      assert.equal(await output('cat; test -c /dev/stdin && echo device', { stdin: DEVNULL }), 'device\n')
    }))

  it('[SHL-06] output can be read after the exit', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['sh', '-c', 'echo first; echo second; exit 4'], { stdout: PIPE })
      while (process.returncode === null) await sleep(1)
      assert.equal(process.returncode, 4)
      assert.equal(String(await process.stdout!.readline()), 'first\n')
      assert.equal(String(await process.stdout!.read()), 'second\n')
      assert.equal(await process.wait(), 4)
    }))

  it('[SHL-07] reading is paused above the limit', () =>
    withChildren(async () => {
      const limit = 10
      const size = limit * 2 + 1
      const process = await createSubprocessShell(`printf %0${size}d 0`, { stdout: PIPE, limit })
      while (!inspect(process.stdout).includes('paused')) await sleep(1)
      assert.equal((await process.stdout!.readexactly(size)).length, size)
      assert.equal(await process.wait(), 0)
    }))

  it('[SHL-08] a sibling does not inherit the pipe of standard input', () =>
    withChildren(async () => {
      const first = await createSubprocessExec(['cat'], { stdin: PIPE, stdout: PIPE })
      const second = await createSubprocessExec(['cat'], { stdin: PIPE, stdout: PIPE, closeFds: false })
      first.stdin!.close()
      assert.equal(await first.wait(), 0)
      assert.equal(second.returncode, null)
      await second.communicate()
    }))

  it('[SHL-09] wait can be cancelled and repeated; all who wait get the code', () =>
    withChildren(async ({ loop }) => {
      const process = await createSubprocessExec(['sh', '-c', 'read line; exit 6'], { stdin: PIPE })
      const waiting = loop.createTask(() => process.wait())
      await sleep(0)
      waiting.cancel()
      await assert.rejects(async () => waiting, { name: 'CancelledError' })
      await assert.rejects(process.wait({ signal: AbortSignal.timeout(1) }), { name: 'CancelledError' })
      const all = gather([() => process.wait(), () => process.wait(), () => process.wait()])
      process.stdin!.write('\n')
      assert.deepEqual(await all, [6, 6, 6])
      assert.equal(await process.wait(), 6)
    }))

  it('[SHL-10] wait waits for the pipes, which a grandchild may keep', () =>
    withChildren(async ({ loop }) => {
      const process = await createSubprocessShell('exec 3<&0; { read line; } <&3 & exit 2', {
        stdin: PIPE,
        stdout: PIPE,
      })
      const waiting = loop.createTask(() => process.wait())
      while (process.returncode === null) await sleep(1)
      assert.equal(process.returncode, 2)
      assert.equal(waiting.done(), false)
      process.stdin!.write('\n')
      assert.equal(await waiting, 2)
    }))

  it('[SHL-11] a program that is missing, is no program or has no directory is an error that says so', () =>
    withChildren(async () => {
      const folder = tmpdir()
      const fails = (args: string[], options: object, error: object) =>
        assert.rejects(createSubprocessExec(args, { stdin: PIPE, stdout: PIPE, ...options }), error)
      await fails(['no-such-program'], {}, { code: 'ENOENT', syscall: 'execve', path: 'no-such-program', errno: -2 })
      await fails(['/no/such/program'], {}, { code: 'ENOENT', path: '/no/such/program' })
      await fails(['true'], { executable: './none' }, { code: 'ENOENT', path: './none' })
      await fails(['true'], { cwd: '/no/folder' }, { code: 'ENOENT', syscall: 'chdir', path: '/no/folder' })
      await fails(['/etc/passwd'], {}, { code: 'EACCES', syscall: 'execve' })
      await fails([folder], {}, { code: 'EACCES', syscall: 'execve', path: folder })
      await fails(['true'], { env: { PATH: '/nowhere' } }, { code: 'ENOENT' })
      await fails(['true'], { stdout: 987_654 }, { code: 'EBADF', syscall: 'spawn' })
      await fails(['true'], { passFds: [987_654] }, { code: 'EBADF' })
      await fails(['true', 'x'.repeat(3 * megabyte)], {}, { code: 'E2BIG', syscall: 'execve' })
      await assert.rejects(createSubprocessShell('true', { executable: '/no/shell' }), { path: '/no/shell' })
    }))

  it('[SHL-12] the return code of a child that a signal ended is its negative number', () =>
    withChildren(async () => {
      for (const [signal, code] of [
        ['SIGKILL', -9],
        ['SIGTERM', -15],
        [10, -10],
      ] as const) {
        const process = await createSubprocessExec(['sleep', '100'])
        process.sendSignal(signal)
        assert.equal(await process.wait(), code)
        assert.throws(() => process.sendSignal(signal), { code: 'ESRCH' })
        assert.throws(() => process.kill(), { code: 'ESRCH' })
        assert.throws(() => process.terminate(), { code: 'ESRCH' })
      }
    }))

  it('[SHL-13] a signal to a child that has just ended meets nobody else and changes nothing', () =>
    withChildren(async () => {
      for (let round = 0; round < 20; round++) {
        const process = await createSubprocessExec(['true'])
        holdUntilEnded(process.pid)
        // Dead by now, and its number still its own as the loop has not reaped it.
        if (process.returncode === null) {
          process.sendSignal('SIGTERM')
          process.kill()
        }
        assert.equal(await process.wait(), 0)
      }
    }))

  it('[SHL-14] a killed shell is noticed although a grandchild lives on', () =>
    withChildren(async () => {
      const shell = await createSubprocessShell('sleep 100 & echo $!; wait', { stdout: PIPE })
      const grandchild = Number(await shell.stdout!.readline())
      shell.kill()
      while (shell.returncode === null) await sleep(1)
      assert.equal(shell.returncode, -9)
      process.kill(grandchild, 'SIGKILL')
      assert.equal(await shell.wait(), -9)
      const silent = await createSubprocessShell('sleep 1 & wait', { stdout: DEVNULL })
      silent.kill()
      assert.equal(await silent.wait(), -9)
    }))

  it('[SHL-15] env and cwd, for exec and shell', () =>
    withChildren(async () => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loop-cwd-')))
      const env = { FOO: 'bar', PATH: process.env['PATH'], NONE: undefined }
      assert.equal(await output('echo $FOO $NONE; pwd', { env, cwd: folder }), `bar\n${folder}\n`)
      const exec = await createSubprocessExec(['env'], {
        stdout: PIPE,
        env: { A: '1', B: 'ä=b' },
        cwd: pathToFileURL(folder),
      })
      assert.equal(String((await exec.communicate())[0]), 'A=1\nB=ä=b\n')
      process.env['LOOP_TEST_INHERITED'] = 'yes'
      assert.equal(await output('echo $LOOP_TEST_INHERITED'), 'yes\n')
      delete process.env['LOOP_TEST_INHERITED']
      rmSync(folder, { recursive: true })
    }))

  it('a relative program is relative to cwd; a name is looked up in the PATH of env; executable replaces it', () =>
    withChildren(async () => {
      const relative = await createSubprocessExec(['./sh', '-c', 'echo $0'], { cwd: '/bin', stdout: PIPE })
      assert.equal(String((await relative.communicate())[0]), './sh\n')
      const named = await createSubprocessExec(['sh', '-c', 'echo named'], {
        env: { PATH: '/none::/bin' },
        stdout: PIPE,
      })
      assert.equal(String((await named.communicate())[0]), 'named\n')
      const other = await createSubprocessExec(['other name', '-c', 'echo $0'], { executable: 'sh', stdout: PIPE })
      assert.equal(String((await other.communicate())[0]), 'other name\n')
    }))

  it('[SHL-16] text mode is refused', () =>
    withChildren(async () => {
      const wrong = [{ encoding: 'utf8' }, { text: true }, { errors: 'strict' }, { universalNewlines: true }]
      for (const options of wrong) {
        assert.throws(() => createSubprocessExec(['true'], options as object), RangeError)
        assert.throws(() => createSubprocessShell('true', options as object), RangeError)
      }
      assert.throws(() => createSubprocessExec(['true'], { limit: 0 }), RangeError)
      assert.throws(() => createSubprocessExec(['true'], { limit: '1' as never }), TypeError)
      assert.throws(() => createSubprocessExec('true' as never), TypeError)
    }))

  it('[SHL-17] large output, large input, and both at once', () =>
    withChildren(async () => {
      for (const size of [65_537, 1_000_000]) {
        assert.equal((await output(`head -c ${size} /dev/zero`)).length, size)
      }
      const input = Buffer.alloc(8 * megabyte)
      for (let at = 0; at < input.length; at += 4) input.writeUInt32LE(at, at)
      const cat = await createSubprocessExec(['cat'], { stdin: PIPE, stdout: PIPE })
      const [copy] = await cat.communicate(input)
      assert.ok(copy!.equals(input))
      const count = await createSubprocessExec(['wc', '-c'], { stdin: PIPE, stdout: PIPE })
      assert.equal(Number((await count.communicate(input))[0]), input.length)
    }))

  it('[SHL-18] passFds passes these descriptors under their numbers, and no others', () =>
    withChildren(async ({ own }) => {
      const [reading, writing] = pipe()
      const [mine, theirs] = socketpair()
      own(mine)
      own(theirs)
      const other = openSync('/dev/null', 'r')
      const text = await output(`${listing}; echo through >/dev/fd/${writing}`, { passFds: [writing, theirs] })
      const expected = [0, 1, 2, writing, theirs.fileno()].sort((a, b) => a - b)
      assert.deepEqual(
        text
          .trim()
          .split('\n')
          .map(Number)
          .sort((a, b) => a - b),
        expected,
      )
      const buffer = Buffer.alloc(100)
      assert.equal(buffer.toString('latin1', 0, readSync(reading, buffer)), 'through\n')
      const script = `require('node:fs').writeSync(${theirs.fileno()}, 'socket')`
      const child = await createSubprocessExec([process.execPath, '-e', script], { passFds: new Set([theirs]) })
      assert.equal(await child.wait(), 0)
      assert.equal(String(mine.recv(100)), 'socket')
      for (const fd of [reading, writing, other]) closeSync(fd)
    }))

  it('[SHL-18] what is passed may be closed as soon as the call returns', () =>
    withChildren(async () => {
      for (let round = 0; round < 20; round++) {
        const [reading, writing] = pipe()
        const creating = createSubprocessShell(`echo fd >/dev/fd/${writing}; echo out`, {
          stdout: writing,
          passFds: [writing],
        })
        closeSync(writing)
        const stranger = openSync('/dev/null', 'r')
        await (await creating).wait()
        const buffer = Buffer.alloc(100)
        assert.equal(buffer.toString('latin1', 0, readSync(reading, buffer)), 'fd\nout\n')
        closeSync(reading)
        closeSync(stranger)
      }
    }))

  it('without closeFds the child gets what is not close-on-exec, and never what is', () =>
    withChildren(async () => {
      const own = openSync('/dev/null', 'r')
      const open = (await output(listing, { closeFds: false })).trim().split('\n').map(Number)
      assert.equal(open.includes(own), false)
      assert.deepEqual((await output(listing)).trim(), '0\n1\n2')
      closeSync(own)
    }))

  it('descriptors as standard streams, also crossed and as objects', () =>
    withChildren(async ({ own }) => {
      const [reading, writing] = pipe()
      const [mine, theirs] = socketpair()
      own(mine)
      own(theirs)
      // Before the child looks: the socket does not block, and cat would take that for an error.
      mine.send('from the socket\n')
      mine.shutdown(1)
      const process = await createSubprocessShell('cat; echo err >&2', {
        stdin: theirs,
        stdout: writing,
        stderr: theirs,
      })
      assert.equal(await process.wait(), 0)
      const buffer = Buffer.alloc(100)
      assert.equal(buffer.toString('latin1', 0, readSync(reading, buffer)), 'from the socket\n')
      assert.equal(String(mine.recv(100)), 'err\n')
      const inherited = await createSubprocessShell('echo out; echo err >&2', { stdout: writing, stderr: STDOUT })
      assert.equal(await inherited.wait(), 0)
      assert.equal(buffer.toString('latin1', 0, readSync(reading, buffer)), 'out\nerr\n')
      // This program's standard output as the child's standard error, and the other way round.
      const crossed = await createSubprocessShell('test -e /proc/$$/fd/1 -a -e /proc/$$/fd/2', { stdout: 2, stderr: 1 })
      assert.equal(await crossed.wait(), 0)
      closeSync(reading)
      closeSync(writing)
    }))

  it('standard streams are pipes that can be opened again by name', () =>
    withChildren(async () => {
      const process = await createSubprocessShell('cat /dev/stdin >/dev/stdout; test -p /dev/stdin && echo pipe', {
        stdin: PIPE,
        stdout: PIPE,
      })
      assert.equal(String((await process.communicate('through\n'))[0]), 'through\npipe\n')
    }))

  it('a child begins with default signals and none blocked', () =>
    withChildren(async () => {
      const child = await createSubprocessExec(['cat', '/proc/self/status'], { stdout: PIPE, env: { PATH } })
      const status = String((await child.communicate())[0])
      // glibc's posix_spawn, over which the stand-in for macOS' goes, leaves its own two (32 and 33) ignored.
      const ignored = process.env['LOOP_KQUEUE_SHIM'] === undefined ? '0{16}' : '0{7}[01][08]0{7}'
      for (const [set, mask] of [
        ['SigBlk', '0{16}'],
        ['SigIgn', ignored],
        ['SigCgt', '0{16}'],
      ]) {
        assert.match(status, new RegExp(`${set}:\\s${mask}\n`))
      }
    }))

  it('umask, and this program keeps its own', () =>
    withChildren(async () => {
      const before = process.umask()
      assert.equal(await output('umask', { umask: 0o27 }), '0027\n')
      assert.equal(await output('umask'), `${before.toString(8).padStart(4, '0')}\n`)
      assert.equal(process.umask(), before)
    }))

  it('user, group and extraGroups, by number and name', { skip: process.getuid?.() !== 0 && 'only root may' }, () =>
    withChildren(async () => {
      const nobody = { user: 65534, group: 65534, extraGroups: [65534, 1] }
      assert.equal(await output('id -u; id -g; id -G', nobody), '65534\n65534\n65534 1\n')
      assert.equal(
        await output('id -un; id -gn', { user: 'nobody', group: 'daemon', extraGroups: ['daemon'] }),
        'nobody\ndaemon\n',
      )
      // This program is still one that may be looked into.
      assert.ok(realpathSync(`/proc/${process.pid}/exe`))
      const child = await createSubprocessExec(['sleep', '100'], { user: 'nobody' })
      child.kill()
      assert.equal(await child.wait(), -9)
    }),
  )

  it(
    'user is EPERM for who is not root',
    { skip: process.getuid?.() !== 0 && 'it takes root to become somebody else' },
    () =>
      withChildren(async () => {
        const script = `import { createSubprocessExec, run } from '@loop/core'
        await run(() => createSubprocessExec(['true'], { user: 0 })).catch((e) => console.log(e.code, e.syscall))`
        const text = await output(`exec "$NODE" --input-type=module -e "$SCRIPT"`, {
          user: 65534,
          cwd: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
          env: { ...process.env, NODE: process.execPath, SCRIPT: script },
        }).catch((error) => error.code)
        // A checkout in a folder that is its owner's alone cannot be read by others.
        assert.match(text, /^(EPERM setuid\n|)$/)
      }),
  )

  it('a cancelled communicate loses nothing of the output', () =>
    withChildren(async ({ loop }) => {
      const process = await createSubprocessShell('echo first; cat; echo last', {
        stdin: PIPE,
        stdout: PIPE,
        stderr: PIPE,
      })
      const input = Buffer.alloc(megabyte, 'x')
      const reading = loop.createTask(() => process.communicate(input))
      await sleep(0)
      reading.cancel()
      await assert.rejects(async () => reading, { name: 'CancelledError' })
      await assert.rejects(process.communicate(null, { signal: AbortSignal.abort() }), { name: 'CancelledError' })
      const [stdout, stderr] = await process.communicate()
      assert.equal(String(stdout), `first\n${input}last\n`)
      assert.equal(stderr!.length, 0)
      assert.equal(process.returncode, 0)
    }))

  it('communicate with input needs a standard input', () =>
    withChildren(async () => {
      const process = await createSubprocessExec(['true'])
      assert.throws(() => process.communicate('x'), { code: 'ERR_LOOP_STATE' })
      assert.throws(() => process.communicate(1 as never), TypeError)
      assert.deepEqual(await process.communicate(), [null, null])
    }))

  it('await using kills what still runs', () =>
    withChildren(async () => {
      let process: Process
      {
        await using child = await createSubprocessExec(['sleep', '100'], { stdin: PIPE })
        process = child
      }
      assert.equal(process.returncode, -9)
      {
        await using child = await createSubprocessExec(['true'])
        assert.equal(await child.wait(), 0)
      }
    }))

  it('many at once', () =>
    withChildren(async () => {
      const one = async (n: number) => Number(await output(`echo ${n}`, { stdin: PIPE, stderr: PIPE }))
      const numbers = Array.from({ length: 40 }, (_, n) => n)
      assert.deepEqual(await gather(numbers.map((n) => () => one(n))), numbers)
    }))
})

describe('processes on a terminal', onlyWithProcesses, () => {
  it('pty: the three streams are a terminal that controls a new session', () =>
    withChildren(async () => {
      const session = `cut -d' ' -f6 /proc/$$/stat`
      const child = await createSubprocessShell(`tty <&1; test -t 0 && test -t 2 && stty size; ${session}; exit 3`, {
        pty: { columns: 100, rows: 30 },
        env: { PATH },
      })
      assert.equal(child.stderr, null)
      const [text] = await child.communicate()
      assert.match(String(text), new RegExp(`^/dev/pts/\\d+\r\n30 100\r\n${child.pid}\r\n`))
      assert.equal(child.returncode, 3)
    }))

  it('pty: input is echoed, and closing it is the end of file, also in the middle of a line', () =>
    withChildren(async () => {
      for (const input of ['line\n', 'partial', '']) {
        const child = await createSubprocessExec(['cat'], { pty: true, stdin: PIPE, stdout: PIPE })
        const [text] = await child.communicate(input)
        const shown = input.replace('\n', '\r\n')
        assert.equal(String(text), shown + shown)
        assert.equal(child.returncode, 0)
      }
    }))

  it('pty: streams that are asked for stay apart', () =>
    withChildren(async () => {
      const child = await createSubprocessShell('test -t 0 || echo no terminal; test -t 1 && echo err >&2', {
        pty: true,
        stdin: DEVNULL,
        stderr: PIPE,
      })
      assert.equal(child.stdin, null)
      assert.deepEqual((await child.communicate()).map(String), ['no terminal\r\n', 'err\n'])
      const writing = await createSubprocessShell('read line; test -t 1 || exit 5', { pty: true, stdout: DEVNULL })
      writing.stdin!.write('\n')
      assert.equal(await writing.wait(), 5)
    }))

  it('pty: large output comes whole before the exit', () =>
    withChildren(async () => {
      const child = await createSubprocessShell('stty -opost; head -c 300000 /dev/zero', { pty: true })
      const [text] = await child.communicate()
      assert.equal(text!.length, 300_000)
    }))

  it('pty: Ctrl-C is a character', () =>
    withChildren(async () => {
      const child = await createSubprocessShell('echo ready; exec sleep 100', { pty: true })
      assert.equal(String(await child.stdout!.readline()), 'ready\r\n')
      child.stdin!.write('\x03')
      assert.equal(await child.wait(), -2)
    }))
})
