// Which descriptors a child has: its standard streams, and what is passed.
import assert from 'node:assert/strict'
import { closeSync, openSync, readSync } from 'node:fs'
import { describe, it } from 'node:test'
import { createSubprocessExec, createSubprocessShell, DEVNULL, PIPE, pipe, STDOUT, socketpair } from '@loop/core'
import { onlyWithProcesses, output, withChildren } from './children.js'

/** What is open in a child, without what `ls` itself opens. */
const listing = 'ls /proc/$$/fd; true'

describe('descriptors of processes', onlyWithProcesses, () => {
  it('[SHL-05] DEVNULL for each stream', () =>
    withChildren(async () => {
      const script = 'cat; echo out; echo err >&2'
      const none = await createSubprocessShell(script, { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL })
      assert.deepEqual([none.stdin, none.stdout, none.stderr], [null, null, null])
      assert.equal(await none.wait(), 0)
      assert.equal(await output(script, { stdin: DEVNULL, stderr: DEVNULL }), 'out\n')
      assert.equal(await output('cat; test -c /dev/stdin && echo device', { stdin: DEVNULL }), 'device\n')
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
})
