// connectWritePipe: pipes of Unix that are written to.
import assert from 'node:assert/strict'
import { closeSync, constants as files, openSync, readSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Fifo } from './fifo.js'
import { onlyWithPipes, writePipe } from './pipe_transports.js'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

function readSome(fd: number, size = 65536): Buffer {
  const buffer = Buffer.alloc(size)
  return buffer.subarray(0, readSync(fd, buffer))
}

describe('write pipes', onlyWithPipes, () => {
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
