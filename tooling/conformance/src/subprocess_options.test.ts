// What a child is, and how it is started: the program, its folder, environment, signals, umask and user.
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { createSubprocessExec, createSubprocessShell, PIPE } from '@loop/core'
import { onlyWithProcesses, output, withChildren } from './children.js'

const megabyte = 1 << 20
/** An environment without what tools put into it, such as the preloaded library of a sanitizer. */
const { PATH } = process.env

describe('options of processes', onlyWithProcesses, () => {
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
})
