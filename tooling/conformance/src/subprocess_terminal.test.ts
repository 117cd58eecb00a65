// Children on a terminal of their own.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSubprocessExec, createSubprocessShell, DEVNULL, PIPE } from '@loop/core'
import { onlyWithProcesses, withChildren } from './children.js'

/** An environment without what tools put into it, such as the preloaded library of a sanitizer. */
const { PATH } = process.env

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
