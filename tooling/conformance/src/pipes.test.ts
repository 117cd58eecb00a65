// What connectReadPipe and connectWritePipe take: pipes, FIFOs, terminals, sockets and what is none of them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, createReadStream, constants as files, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import {
  constants,
  LoopError,
  newEventLoop,
  openpty,
  pipe,
  type SelectorEventLoop,
  type Socket,
  socketpair,
} from '@loop/core'
import { onlyWithProcesses } from './children.js'
import { Fifo, pipePair } from './fifo.js'
import { onlyWithPipes, readPipe } from './pipe_transports.js'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

describe('terminals', onlyWithProcesses, () => {
  it('[PIPE-05] the master of a terminal: output, then the end when the other side is closed, and no report', () =>
    withinLoop(async ({ loop }) => {
      const { master, slave } = openpty()
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectReadPipe(() => recorder, master)
      writeSync(slave, '1')
      await recorder.until(() => recorder.text === '1')
      writeSync(slave, '2345')
      await recorder.until(() => recorder.text === '12345')
      closeSync(slave)
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events.slice(-2), ['eof', 'lost'])
      assert.ok(transport.isClosing())
    }))

  it('[PIPE-06] what is written to a terminal arrives', () =>
    withinLoop(async ({ loop }) => {
      const { master, slave, path } = openpty({ columns: 80, rows: 24 })
      assert.match(path, /^\/dev\//)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectWritePipe(() => recorder, slave)
      const raw = Buffer.alloc(10_000, 'x')
      transport.write('1')
      transport.writelines(['23', raw])
      const reader = new Recorder(loop)
      await loop.connectReadPipe(() => reader, master)
      await reader.until(() => reader.received === 3 + raw.length)
      assert.equal(reader.text.slice(0, 4), '123x')
      transport.close()
      assert.equal(await recorder.ended(), null)
      assert.equal(await reader.ended(), null)
    }))

  it('both directions of a terminal at once, through a duplicate', () =>
    withinLoop(async ({ loop }) => {
      const { master, slave, path } = openpty()
      const reader = new Recorder(loop)
      const writer = new Recorder(loop)
      await loop.connectReadPipe(() => reader, master)
      const [keyboard] = await loop.connectWritePipe(
        () => writer,
        path.startsWith('/dev/pts/') ? `/proc/self/fd/${slave}` : slave,
      )
      keyboard.write('shown\n')
      await reader.until(() => reader.text === 'shown\r\n')
      keyboard.close()
      await writer.ended()
      closeSync(slave)
      await reader.ended()
    }))
})

describe('pipes of this program', onlyWithProcesses, () => {
  it('pipe() gives both ends, for transports', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = pipe()
      const reader = new Recorder(loop)
      const writer = new Recorder(loop)
      await loop.connectReadPipe(() => reader, reading)
      const [transport] = await loop.connectWritePipe(() => writer, writing)
      transport.write('through')
      transport.close()
      assert.equal(await reader.ended(), null)
      assert.equal(reader.text, 'through')
    }))

  it('packets are not cut: each read is offered as much memory as there is', () =>
    withinLoop(async ({ loop }) => {
      const [first, second] = socketpair({ type: constants['SOCK_SEQPACKET']! })
      const reader = new Recorder(loop)
      await loop.connectReadPipe(() => reader, first)
      for (const size of [1, 1, 4000, 2, 30_000]) second.send(Buffer.alloc(size, 'p'))
      second.close()
      assert.equal(await reader.ended(), null)
      assert.deepEqual(
        reader.chunks.map(({ length }) => length),
        [1, 1, 4000, 2, 30_000],
      )
    }))
})

describe('what can be a pipe', onlyWithPipes, () => {
  it('a path is opened without waiting for the other side', () =>
    withinLoop(async ({ loop, own }) => {
      const fifo = own(new Fifo())
      await assert.rejects(
        loop.connectWritePipe(() => new Recorder(loop), fifo.path),
        { code: 'ENXIO', syscall: 'open', path: fifo.path },
      )
      const reader = new Recorder(loop)
      const [reading] = await loop.connectReadPipe(() => reader, fifo.path)
      const writer = new Recorder(loop)
      const [writing] = await loop.connectWritePipe(() => writer, new URL(`file://${fifo.path}`))
      writing.write('hello')
      writing.close()
      assert.equal(await reader.ended(), null)
      assert.equal(reader.text, 'hello')
      assert.ok(reading.isClosing())
      await writer.ended()
      await assert.rejects(
        loop.connectReadPipe(() => reader, `${fifo.path}.none`),
        { code: 'ENOENT' },
      )
    }))

  it('a FileHandle is closed as a FileHandle', () =>
    withinLoop(async ({ loop, own }) => {
      const fifo = own(new Fifo())
      const both = openSync(fifo.path, files.O_RDWR | files.O_NONBLOCK)
      const handle = await open(fifo.path, 'r')
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectReadPipe(() => recorder, handle)
      assert.equal(transport.getExtraInfo('pipe'), handle)
      assert.equal(transport.getExtraInfo('peername', 'none'), 'none')
      writeSync(both, 'x')
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      await recorder.ended()
      assert.equal(handle.fd, -1)
      closeSync(both)
    }))

  it('so is a stream', () =>
    withinLoop(async ({ loop, own }) => {
      const fifo = own(new Fifo())
      const both = openSync(fifo.path, files.O_RDWR | files.O_NONBLOCK)
      const stream = createReadStream(fifo.path)
      await once(stream, 'open')
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectReadPipe(() => recorder, stream as unknown as { fd: number })
      writeSync(both, 'x')
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      await recorder.ended()
      if (!stream.closed) await once(stream, 'close')
      closeSync(both)
    }))

  it('sockets serve as pipes; a peer that sends does not end a write pipe, one that closes does', () =>
    withinLoop(async ({ loop }) => {
      const [a, b] = socketpair()
      const reader = new Recorder(loop)
      const writer = new Recorder(loop)
      const [reading] = await loop.connectReadPipe(() => reader, a)
      const [writing] = await loop.connectWritePipe(() => writer, b)
      assert.equal(reading.getExtraInfo('pipe'), a)
      writing.write('hello')
      await reader.until(() => reader.text === 'hello')
      writeSync(a.fileno(), 'nobody reads this')
      const later = loop.createFuture<void>()
      loop.callLater(5, () => later.setResult())
      await later
      assert.equal(writing.isClosing(), false)
      reading.close()
      await reader.ended()
      assert.equal(a.fileno(), -1)
      writing.write('x')
      assert.equal(((await writer.ended()) as NodeJS.ErrnoException).code, 'EPIPE')
      assert.equal(b.fileno(), -1)

      const [c, d]: [Socket, Socket] = socketpair()
      const other = new Recorder(loop)
      await loop.connectWritePipe(() => other, c)
      d.close()
      assert.equal(await other.ended(), null)
    }))

  it('what is no descriptor, is used already or was closed is refused', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, writing] = await readPipe(loop)
      const factory = () => recorder
      const fd = transport.getExtraInfo('pipe') as number
      assert.throws(() => loop.connectReadPipe(factory, fd), LoopError)
      assert.throws(() => loop.addReader(fd, () => {}), LoopError)
      for (const wrong of [-1, 1.5, Number.NaN]) {
        assert.throws(() => loop.connectReadPipe(factory, wrong), RangeError)
      }
      for (const wrong of [null, undefined, {}, true]) {
        assert.throws(() => loop.connectWritePipe(factory, wrong as never), TypeError)
      }
      assert.throws(() => loop.connectReadPipe(undefined as never, fd), TypeError)
      await assert.rejects(loop.connectReadPipe(factory, 1_000_000), { code: 'EBADF', syscall: 'fstat' })
      transport.close()
      await recorder.ended()
      closeSync(writing)
    }))

  it('a creation that fails or is aborted closes what it was given', () =>
    withinLoop(async ({ loop, own }) => {
      const factories: [() => Recorder, AbortSignal | undefined, string][] = [
        [() => assert.fail('no protocol'), undefined, 'no protocol'],
        [() => null as never, undefined, 'A protocol must be an object'],
        [() => new Recorder(loop), AbortSignal.abort(), 'aborted'],
      ]
      for (const [factory, signal, message] of factories) {
        const [reading, writing] = pipePair()
        await assert.rejects(loop.connectReadPipe(factory, reading, { signal }), { message: new RegExp(message) })
        assert.throws(() => writeSync(writing, 'x'), { code: 'EPIPE' })
        closeSync(writing)
      }
      const fifo = own(new Fifo())
      const task = loop.createTask(() => loop.connectReadPipe(() => new Recorder(loop), fifo.path))
      loop.callSoon(() => task.cancel())
      await assert.rejects(async () => task, { name: 'CancelledError' })
    }))

  it('closing the loop closes the descriptor without a callback', async () => {
    const loop = newEventLoop() as SelectorEventLoop
    const [reading, writing] = pipePair()
    const recorder = new Recorder(loop)
    const [transport] = await loop.runUntilComplete(loop.connectReadPipe(() => recorder, reading))
    assert.match(inspect(transport), /UnixReadPipeTransport/)
    loop.setDebug(false)
    loop.close()
    assert.deepEqual(recorder.events, ['made'])
    assert.throws(() => writeSync(writing, 'x'), { code: 'EPIPE' })
    closeSync(writing)
  })
})
