// connectReadPipe and connectWritePipe: pipes, FIFOs, sockets and what is none of them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, createReadStream, constants as files, openSync, readSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import {
  type BufferedProtocol,
  constants,
  LoopError,
  NotImplementedError,
  newEventLoop,
  openpty,
  pipe,
  type ReadTransport,
  type SelectorEventLoop,
  type Socket,
  socketpair,
  type WriteTransport,
} from '@loop/core'
import { onlyWithProcesses } from './children.js'
import { Fifo, pipePair } from './fifo.js'
import { Recorder } from './recorder.js'
import { supports, withinLoop } from './within_loop.js'

const capable = supports('pipes')
const only =
  process.platform === 'win32'
    ? { skip: 'pipes of Unix; windows_pipes.test.ts is about those of Windows' }
    : capable
      ? {}
      : { skip: 'this backend has no pipe transports' }
const megabyte = 1024 * 1024

async function readPipe(loop: SelectorEventLoop): Promise<[Recorder, ReadTransport, number]> {
  const [reading, writing] = pipePair()
  const recorder = new Recorder(loop)
  const [transport] = await loop.connectReadPipe(() => recorder, reading)
  return [recorder, transport, writing]
}

async function writePipe(loop: SelectorEventLoop): Promise<[Recorder, WriteTransport, number]> {
  const [reading, writing] = pipePair()
  const recorder = new Recorder(loop)
  const [transport] = await loop.connectWritePipe(() => recorder, writing)
  return [recorder, transport, reading]
}

function readSome(fd: number, size = 65536): Buffer {
  const buffer = Buffer.alloc(size)
  return buffer.subarray(0, readSync(fd, buffer))
}

describe('read pipes', only, () => {
  it('[PIPE-01] data, then the end of the stream, then connectionLost(null)', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, writing] = await readPipe(loop)
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(recorder.transport, transport)
      writeSync(writing, '1')
      await recorder.until(() => recorder.text === '1')
      writeSync(writing, '2345')
      await recorder.until(() => recorder.text === '12345')
      assert.ok(transport.isReading())
      recorder.keepOpen = true
      closeSync(writing)
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'data', 'data', 'eof', 'lost'])
      assert.ok(transport.isClosing())
    }))

  it('[PIPE-01] a large stream comes whole and in order', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = pipePair()
      const reader = new Recorder(loop)
      const writer = new Recorder(loop)
      await loop.connectReadPipe(() => reader, reading)
      const [transport] = await loop.connectWritePipe(() => writer, writing)
      const data = Buffer.alloc(3 * megabyte)
      for (let at = 0; at < data.length; at += 4) data.writeUInt32LE(at, at)
      transport.write(data)
      assert.ok(transport.getWriteBufferSize() > 0)
      assert.ok(writer.events.includes('pause'))
      transport.close()
      assert.equal(await reader.ended(), null)
      assert.ok(Buffer.concat(reader.chunks).equals(data))
      assert.equal(await writer.ended(), null)
    }))

  it('[PIPE-02] a regular file and a directory are refused at the call, and stay open', () =>
    withinLoop(async ({ loop }) => {
      const file = openSync(fileURLToPath(import.meta.url), 'r')
      const folder = openSync('.', 'r')
      const recorder = new Recorder(loop)
      for (const fd of [file, folder]) {
        assert.throws(() => loop.connectReadPipe(() => recorder, fd), RangeError)
        assert.throws(() => loop.connectWritePipe(() => recorder, fd), /a (regular file|directory).*node:fs/)
      }
      assert.deepEqual(recorder.events, [])
      closeSync(file)
      closeSync(folder)
      await assert.rejects(
        loop.connectReadPipe(() => recorder, new URL(import.meta.url)),
        RangeError,
      )
    }))

  it('[PIPE-07] pausing and resuming can be repeated, also on a pipe that is closed', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, writing] = await readPipe(loop)
      transport.pauseReading()
      transport.pauseReading()
      assert.equal(transport.isReading(), false)
      writeSync(writing, 'kept')
      const later = loop.createFuture<void>()
      loop.callLater(5, () => later.setResult())
      await later
      assert.deepEqual(recorder.events, ['made'])
      transport.resumeReading()
      transport.resumeReading()
      assert.equal(transport.isReading(), true)
      await recorder.until(() => recorder.text === 'kept')
      transport.close()
      transport.close()
      for (let i = 0; i < 2; i++) {
        transport.pauseReading()
        transport.resumeReading()
      }
      assert.equal(transport.isReading(), false)
      assert.equal(await recorder.ended(), null)
      transport.pauseReading()
      transport.resumeReading()
      closeSync(writing)
      assert.deepEqual(recorder.events, ['made', 'data', 'lost'])
    }))

  it('an error of the protocol is reported and ends the transport', () =>
    withinLoop(async ({ loop, reports }) => {
      for (const method of ['dataReceived', 'eofReceived'] as const) {
        const [recorder, transport, writing] = await readPipe(loop)
        const wrong = new Error(method)
        recorder[method] = () => {
          throw wrong
        }
        writeSync(writing, 'x')
        closeSync(writing)
        assert.equal(await recorder.ended(), wrong)
        assert.ok(transport.isClosing())
        assert.equal(reports.pop()?.exception, wrong)
      }
    }))

  it('a BufferedProtocol gets its bytes in its own memory', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = pipePair()
      const memory = Buffer.alloc(3)
      const ended = loop.createFuture<string>()
      let text = ''
      const protocol: BufferedProtocol = {
        getBuffer: () => memory,
        bufferUpdated: (n) => {
          text += memory.toString('latin1', 0, n)
        },
        connectionLost: () => ended.setResult(text),
      }
      await loop.connectReadPipe(() => protocol, reading)
      writeSync(writing, 'seven b')
      closeSync(writing)
      assert.equal(await ended, 'seven b')
    }))

  it('it cannot write', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, writing] = await readPipe(loop)
      const wrong = transport as unknown as WriteTransport
      assert.throws(() => wrong.write('x'), NotImplementedError)
      assert.throws(() => wrong.writelines(['x']), NotImplementedError)
      assert.throws(() => wrong.writeEof(), NotImplementedError)
      assert.equal(wrong.canWriteEof(), false)
      transport.close()
      await recorder.ended()
      closeSync(writing)
    }))
})

describe('write pipes', only, () => {
  it('[PIPE-03] what is written arrives; the reader closing ends the transport', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, reading] = await writePipe(loop)
      transport.write('1')
      assert.equal(readSome(reading).toString(), '1')
      transport.write(Buffer.from('23'))
      transport.writelines(['4', new Uint8Array([53])])
      assert.equal(readSome(reading).toString(), '2345')
      closeSync(reading)
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'lost'])
      assert.ok(transport.isClosing())
    }))

  it('[PIPE-04] the reader closing while something is buffered is EPIPE', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, reading] = await writePipe(loop)
      transport.write(Buffer.alloc(megabyte))
      assert.ok(transport.getWriteBufferSize() > 0)
      closeSync(reading)
      const error = await recorder.ended()
      assert.equal((error as NodeJS.ErrnoException).code, 'EPIPE')
      assert.equal(transport.getWriteBufferSize(), 0)
    }))

  it('[PIPE-04] so is writing to a pipe that nobody reads, before the loop has looked', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, reading] = await writePipe(loop)
      closeSync(reading)
      transport.write('x')
      assert.equal(((await recorder.ended()) as NodeJS.ErrnoException).code, 'EPIPE')
      transport.write('dropped')
    }))

  it('[PIPE-08] writeEof and close flush, then close; what is written afterwards is dropped', () =>
    withinLoop(async ({ loop }) => {
      for (const end of ['writeEof', 'close'] as const) {
        const [recorder, transport, reading] = await writePipe(loop)
        assert.equal(transport.canWriteEof(), true)
        transport.write(Buffer.alloc(megabyte, end))
        transport[end]()
        transport[end]()
        const buffered = transport.getWriteBufferSize()
        assert.ok(buffered > 0)
        assert.ok(transport.isClosing())
        transport.write('too late')
        transport.writelines(['too', 'late'])
        assert.throws(() => transport.write(1 as never), TypeError)
        assert.equal(transport.getWriteBufferSize(), buffered)
        const reader = new Recorder(loop)
        await loop.connectReadPipe(() => reader, reading)
        assert.equal(await recorder.ended(), null)
        assert.equal(await reader.ended(), null)
        assert.equal(reader.received, megabyte)
      }
    }))

  it('[PIPE-08] abort drops what is buffered', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, reading] = await writePipe(loop)
      transport.write(Buffer.alloc(megabyte))
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(await recorder.ended(), null)
      const reader = new Recorder(loop)
      await loop.connectReadPipe(() => reader, reading)
      await reader.ended()
      assert.ok(reader.received < megabyte)
    }))

  it('close with nothing buffered ends at once', () =>
    withinLoop(async ({ loop }) => {
      const [recorder, transport, reading] = await writePipe(loop)
      transport.close()
      assert.equal(await recorder.ended(), null)
      assert.equal(readSome(reading).length, 0)
      closeSync(reading)
    }))

  it('a FIFO that is open for both is not taken for one that lost its reader', () =>
    withinLoop(async ({ loop, own }) => {
      const fifo = own(new Fifo())
      const fd = openSync(fifo.path, files.O_RDWR | files.O_NONBLOCK)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectWritePipe(() => recorder, fd)
      transport.write('stays')
      const later = loop.createFuture<void>()
      loop.callLater(5, () => later.setResult())
      await later
      assert.equal(transport.isClosing(), false)
      assert.equal(readSome(fd).toString(), 'stays')
      transport.close()
      await recorder.ended()
    }))
})

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

describe('what can be a pipe', only, () => {
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
