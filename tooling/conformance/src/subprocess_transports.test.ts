// loop.subprocessExec and loop.subprocessShell: the transport and what its protocol is told.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { type ChildProcess, DEVNULL, STDOUT, type SubprocessProtocol, type WriteTransport } from '@loop/core'
import { onlyWithProcesses, ProcessRecorder, shell, statOf, withChildren } from './children.js'

const has = (recorder: ProcessRecorder, event: string) => recorder.events.includes(event)

describe('subprocess transports', onlyWithProcesses, () => {
  it('[STAP-01] exec: connectionMade comes first, then data, then the exit', () =>
    withChildren(async ({ loop }) => {
      const made = () => new ProcessRecorder(loop)
      const [transport, recorder] = await loop.subprocessExec(made, ['cat'], { stderr: DEVNULL })
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(recorder.process, transport)
      assert.equal(transport.getProtocol(), recorder)
      assert.equal(transport.getReturncode(), null)
      assert.equal(statOf(transport.getPid())?.parent, process.pid)
      const stdin = transport.getPipeTransport(0) as WriteTransport
      stdin.write('Python ')
      await recorder.until(() => recorder.output[1] === 'Python ')
      stdin.write('The Winner')
      await recorder.until(() => recorder.output[1] === 'Python The Winner')
      stdin.close()
      assert.equal(await recorder.ended(), null)
      assert.equal(transport.getReturncode(), 0)
      assert.deepEqual(
        recorder.events.filter((event) => event !== 'data 1' && event !== 'lost 0 null'),
        ['made', 'lost 1 null', 'exited', 'lost'],
      )
    }))

  it('[STAP-01] shell: a command line, or that of another shell', () =>
    withChildren(async ({ loop }) => {
      const [, recorder] = await shell(loop, 'echo "$0 $((2 * 21))"; exit 7')
      await recorder.ended()
      assert.equal(recorder.output[1], '/bin/sh 42\n')
      assert.equal(recorder.process.getReturncode(), 7)
      const [, other] = await shell(loop, 'ignored', { executable: '/bin/echo' })
      await other.ended()
      assert.equal(other.output[1], '-c ignored\n')
    }))

  it('[STAP-02] the exit code is there when processExited is called', () =>
    withChildren(async ({ loop }) => {
      const recorder = new ProcessRecorder(loop)
      let code: number | null = null
      const exited = recorder.processExited
      recorder.processExited = () => {
        code = recorder.process.getReturncode()
        exited.call(recorder)
      }
      await loop.subprocessShell(() => recorder, 'exit 7', { stdin: null, stdout: null, stderr: null })
      await recorder.ended()
      assert.equal(code, 7)
    }))

  it('[STAP-03] connectionLost waits for the exit and for every pipe', () =>
    withChildren(async ({ loop }) => {
      // The child closes its streams long before it ends...
      const [early, first] = await shell(loop, 'exec >&- 2>&-; read line', {})
      await first.until(() => has(first, 'lost 1 null') && has(first, 'lost 2 null'))
      assert.equal(has(first, 'lost'), false)
      ;(early.getPipeTransport(0) as WriteTransport).write('\n')
      assert.equal(await first.ended(), null)
      assert.ok(first.exited)
      // ... and a grandchild keeps them after it.
      const [late, second] = await shell(loop, 'exec 3<&0; { read line; echo $line; } <&3 & echo started')
      await second.until(() => second.exited)
      assert.equal(second.output[1], 'started\n')
      assert.equal(late.getReturncode(), 0)
      assert.equal(has(second, 'lost'), false)
      ;(late.getPipeTransport(0) as WriteTransport).write('later\n')
      await second.ended()
      assert.equal(second.output[1], 'started\nlater\n')
    }))

  it('[STAP-04] kill, terminate and sendSignal', () =>
    withChildren(async ({ loop }) => {
      const wait = 'read line'
      const [killed, first] = await shell(loop, wait)
      killed.kill()
      await first.ended()
      assert.equal(killed.getReturncode(), -9)
      const [terminated, second] = await shell(loop, wait)
      terminated.terminate()
      await second.ended()
      assert.equal(terminated.getReturncode(), -15)
      const [handling, third] = await shell(
        loop,
        "trap 'echo hup; exit 3' HUP; echo ready; while :; do read line; done",
      )
      await third.until(() => third.output[1] === 'ready\n')
      handling.sendSignal('SIGHUP')
      await third.ended()
      assert.equal(third.output[1], 'ready\nhup\n')
      assert.equal(handling.getReturncode(), 3)
      for (const act of [() => handling.kill(), () => handling.terminate(), () => handling.sendSignal(1)]) {
        assert.throws(act, { code: 'ESRCH', syscall: 'kill' })
      }
      assert.throws(() => handling.sendSignal('SIGNOTHING' as never), RangeError)
      assert.throws(() => handling.sendSignal({} as never), TypeError)
    }))

  it('[STAP-05] standard error apart, or in standard output', () =>
    withChildren(async ({ loop }) => {
      const command = 'echo out; echo err >&2'
      const [, apart] = await shell(loop, command)
      await apart.ended()
      assert.deepEqual(apart.output, { 1: 'out\n', 2: 'err\n' })
      const [transport, merged] = await shell(loop, command, { stderr: STDOUT })
      await merged.ended()
      assert.deepEqual(merged.output, { 1: 'out\nerr\n', 2: '' })
      assert.equal(transport.getPipeTransport(2), null)
    }))

  it('[STAP-06] closing standard input is its end for the child; closing standard output is EPIPE', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'cat; echo closed')
      transport.getPipeTransport(0)?.close()
      await recorder.ended()
      assert.equal(recorder.output[1], 'closed\n')
      const [other, unread] = await shell(loop, 'read line; echo line 2>/dev/null; exit $?', { stderr: DEVNULL })
      other.getPipeTransport(1)?.close()
      await unread.until(() => has(unread, 'lost 1 null'))
      ;(other.getPipeTransport(0) as WriteTransport).write('\n')
      await unread.ended()
      // The shell gets SIGPIPE, which it must not have inherited as ignored.
      assert.equal(other.getReturncode(), -13)
    }))

  it('[STAP-08] getPipeTransport is null for what is inherited, and stays what it was afterwards', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'true', { stdin: null, stdout: 'inherit', stderr: DEVNULL })
      for (const fd of [0, 1, 2, 3]) assert.equal(transport.getPipeTransport(fd), null)
      await recorder.ended()
      assert.equal(transport.getReturncode(), 0)
      transport.close()
      const [piped, other] = await shell(loop, 'true')
      const stdout = piped.getPipeTransport(1)
      await other.ended()
      assert.equal(piped.getPipeTransport(1), stdout)
      assert.equal(piped.getPipeTransport(3), null)
      const info = piped.getExtraInfo('subprocess') as ChildProcess
      assert.deepEqual({ ...info }, { pid: piped.getPid(), args: ['/bin/sh', '-c', 'true'], returncode: 0 })
      assert.equal(piped.getExtraInfo('peername', 'none'), 'none')
      assert.match(inspect(piped), /returncode=0/)
    }))

  it('[STAP-10] output of both pipes and their end are told, each in order, all of it before the end', () =>
    withChildren(async ({ loop }) => {
      const [, recorder] = await shell(loop, 'echo out; echo err >&2; exit 5', { stdin: DEVNULL })
      await recorder.ended()
      assert.equal(recorder.events[0], 'made')
      assert.equal(recorder.events.at(-1), 'lost')
      for (const fd of [1, 2]) {
        assert.ok(recorder.events.indexOf(`data ${fd}`) < recorder.events.indexOf(`lost ${fd} null`))
      }
      assert.equal(recorder.events.indexOf('exited'), recorder.events.length - 2)
      assert.deepEqual(recorder.output, { 1: 'out\n', 2: 'err\n' })
    }))

  it('the exit comes after the output also where a grandchild keeps the pipe', () =>
    withChildren(async ({ loop }) => {
      for (let round = 0; round < 5; round++) {
        const [transport, recorder] = await shell(loop, 'sleep 100 & printf %060000d 7', {
          stdin: DEVNULL,
          processGroup: 0,
        })
        await recorder.until(() => recorder.exited)
        assert.equal(recorder.output[1]!.length, 60_000)
        process.kill(-transport.getPid(), 'SIGKILL')
        await recorder.ended()
      }
    }))

  it('a pipe can be paused, and holds the child back', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'yes | head -c 300000', { stdin: DEVNULL })
      const stdout = transport.getPipeTransport(1) as unknown as { pauseReading(): void; resumeReading(): void }
      await recorder.until(() => recorder.output[1]!.length > 0)
      stdout.pauseReading()
      const soFar = recorder.output[1]!.length
      const later = loop.createFuture<void>()
      loop.callLater(20, () => later.setResult())
      await later
      assert.equal(recorder.output[1]!.length, soFar)
      stdout.resumeReading()
      await recorder.ended()
      assert.equal(recorder.output[1]!.length, 300_000)
    }))

  it('the protocol is told to pause when standard input is full', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'exec sleep 100', { stdout: DEVNULL })
      const stdin = transport.getPipeTransport(0) as WriteTransport
      stdin.write(Buffer.alloc(1 << 20))
      assert.ok(has(recorder, 'pause'))
      transport.kill()
      await recorder.ended()
      assert.ok(has(recorder, 'lost 0 EPIPE') || has(recorder, 'lost 0 null'), String(recorder.events))
    }))

  it('an error of the protocol is reported and ends nothing', () =>
    withChildren(async ({ loop, reports }) => {
      const wrong = () => {
        throw new Error('protocol')
      }
      const protocol: SubprocessProtocol = {
        connectionMade: wrong,
        pipeDataReceived: wrong,
        pipeConnectionLost: wrong,
        processExited: wrong,
        connectionLost: wrong,
      }
      const [transport] = await loop.subprocessExec(() => protocol, ['echo', 'x'], { stdin: null, stderr: null })
      const watch = loop.createFuture<void>()
      const look = () => {
        if (reports.some(({ message }) => message.includes('connectionLost'))) watch.setResult()
        else loop.callSoon(look)
      }
      look()
      await watch
      assert.equal(transport.getReturncode(), 0)
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message.match(/protocol\.(\w+)/)?.[1]),
        ['connectionMade', 'pipeDataReceived', 'pipeConnectionLost', 'processExited', 'connectionLost'],
      )
    }))
})
