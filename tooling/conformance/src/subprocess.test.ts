// createSubprocessExec, createSubprocessShell and Process: input, output, waiting and signals.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { createSubprocessExec, createSubprocessShell, DEVNULL, gather, PIPE, type Process, sleep } from '@loop/core'
import { holdUntilEnded, onlyWithProcesses, output, withChildren } from './children.js'

const megabyte = 1 << 20

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
