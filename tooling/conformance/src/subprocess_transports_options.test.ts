// Options of loop.subprocessExec and loop.subprocessShell.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEVNULL, STDOUT } from '@loop/core'
import { onlyWithProcesses, ProcessRecorder, shell, statOf, withChildren } from './children.js'

describe('subprocess transports: options', onlyWithProcesses, () => {
  // The emulator makes up this process's own entry there, without a session.
  const skipSession = process.env['LOOP_EMULATED_NODE'] !== undefined && 'the emulator does not tell our session'
  it('[STAP-07] startNewSession and processGroup take the child out of the group', { skip: skipSession }, () =>
    withChildren(async ({ loop }) => {
      const own = statOf(process.pid)!
      const [transport, recorder] = await shell(loop, 'read line', { startNewSession: true })
      const pid = transport.getPid()
      assert.deepEqual([statOf(pid)?.group, statOf(pid)?.session], [pid, pid])
      const [grouped, second] = await shell(loop, 'read line', { processGroup: 0 })
      const group = grouped.getPid()
      assert.deepEqual([statOf(group)?.group, statOf(group)?.session], [group, own.session])
      const [joined, third] = await shell(loop, 'read line', { processGroup: group })
      assert.equal(statOf(joined.getPid())?.group, group)
      const [usual, fourth] = await shell(loop, 'read line')
      assert.deepEqual([statOf(usual.getPid())?.group, statOf(usual.getPid())?.session], [own.group, own.session])
      usual.close()
      transport.close()
      process.kill(-group, 'SIGTERM')
      for (const each of [recorder, second, third, fourth]) await each.ended()
      assert.deepEqual([grouped.getReturncode(), joined.getReturncode()], [-15, -15])
      await assert.rejects(shell(loop, 'true', { processGroup: process.pid + 1_000_000 }), {
        code: 'EPERM',
        syscall: 'setpgid',
      })
    }),
  )

  it('[STAP-09] text mode, buffering and a wrong shell are refused', () =>
    withChildren(async ({ loop }) => {
      const exec = (options: object) => () => loop.subprocessExec(() => new ProcessRecorder(loop), ['true'], options)
      const run = (options: object) => () => shell2(options)
      const shell2 = (options: object) => loop.subprocessShell(() => new ProcessRecorder(loop), 'true', options)
      for (const call of [exec, run]) {
        for (const name of ['universalNewlines', 'text', 'encoding', 'errors']) {
          assert.throws(call({ [name]: 'utf8' }), RangeError)
        }
        assert.throws(call({ bufsize: 4096 }), RangeError)
      }
      assert.throws(exec({ shell: true }), RangeError)
      assert.throws(run({ shell: false }), RangeError)
    }))

  it('wrong arguments are refused at the call', () =>
    withChildren(async ({ loop }) => {
      const exec = (args: unknown, options: unknown = {}) =>
        loop.subprocessExec(() => new ProcessRecorder(loop), args as never, options as never)
      for (const args of ['true', undefined, [1], ['true', null]]) assert.throws(() => exec(args), TypeError)
      for (const args of [[], ['tr\0ue'], ['true', '\0']]) assert.throws(() => exec(args), RangeError)
      for (const [name, values] of Object.entries({
        stdin: [{}, true],
        env: [1, { A: 1 }],
        cwd: [1, {}],
        executable: [1],
        closeFds: ['yes'],
        startNewSession: [1],
        processGroup: ['0'],
        umask: ['022'],
        passFds: [['3']],
        pty: ['yes', { rows: 1 }],
        user: [{}],
      })) {
        for (const value of values) assert.throws(() => exec(['true'], { [name]: value }), TypeError, name)
      }
      for (const [name, values] of Object.entries({
        stdin: [STDOUT, 'pty', -1],
        stdout: [STDOUT],
        stderr: [1.5],
        env: [{ 'A=': '1' }, { '': '1' }, { A: '\0' }],
        cwd: ['\0'],
        processGroup: [-1, 1.5],
        umask: [-1, 0o1000],
        passFds: [[-1]],
        pty: [
          { rows: 0, columns: 1 },
          { rows: 1, columns: 70_000 },
        ],
        user: ['nobody of this name', -1],
        group: ['no group of this name', 2 ** 32],
        extraGroups: [[-1]],
      })) {
        for (const value of values) assert.throws(() => exec(['true'], { [name]: value }), RangeError, name)
      }
      assert.throws(() => exec(['true'], { pty: true, stdin: DEVNULL, stdout: DEVNULL }), RangeError)
      assert.throws(() => exec(['true'], null), TypeError)
      assert.throws(() => loop.subprocessExec(null as never, ['true']), TypeError)
      assert.throws(() => loop.subprocessShell(() => new ProcessRecorder(loop), ['true'] as never), TypeError)
      await assert.rejects(async () => loop.subprocessExec(() => null as never, ['true']), TypeError)
    }))
})
