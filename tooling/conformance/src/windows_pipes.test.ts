// connectReadPipe and connectWritePipe of Windows. See pipes.test.ts for those of Unix.
import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { PipeHandle, type ProactorEventLoop, type Protocol, sleep, type Transport } from '@loop/core'
import { Recorder } from './recorder.js'
import { supports, withinLoop } from './within_loop.js'

const only =
  process.platform === 'win32' && supports('pipes')
    ? {}
    : { skip: 'of Windows’ proactor; pipes.test.ts is about the pipes of others' }
const megabyte = 1 << 20

describe('pipes of Windows', only, () => {
  it('[PIPE-01] what is written arrives, then the end', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = PipeHandle.pair()
      const [, reader] = await loop.connectReadPipe(() => new Recorder(loop), reading)
      const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
      assert.equal(transport.getExtraInfo('pipe'), writing)
      transport.write('one ')
      transport.write('two')
      transport.close()
      assert.equal(await reader.ended(), null)
      assert.equal(reader.text, 'one two')
      assert.equal(await writer.ended(), null)
      assert.deepEqual([reading.fileno(), writing.fileno()], [-1, -1])
    }))

  it('[PIPE-03] the writer learns that the reader has gone', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = PipeHandle.pair()
      const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
      reading.close()
      await writer.ended()
      assert.equal(transport.isClosing(), true)
    }))

  it('[PIPE-04] the reader closing while something is buffered is EPIPE', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = PipeHandle.pair()
      const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
      transport.write(Buffer.alloc(megabyte))
      assert.ok(transport.getWriteBufferSize() > 0)
      reading.close()
      assert.equal(((await writer.ended()) as NodeJS.ErrnoException).code, 'EPIPE')
      assert.equal(transport.getWriteBufferSize(), 0)
    }))

  it('[PIPE-07] pausing and resuming can be repeated, also on a pipe that is closed', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = PipeHandle.pair()
      const [reads, reader] = await loop.connectReadPipe(() => new Recorder(loop), reading)
      const [writes, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
      reads.pauseReading()
      reads.pauseReading()
      assert.equal(reads.isReading(), false)
      writes.write('kept')
      for (let pass = 0; pass < 20; pass++) await sleep(0)
      assert.equal(reader.received, 0)
      reads.resumeReading()
      reads.resumeReading()
      await reader.until(() => reader.text === 'kept')
      reads.close()
      for (let time = 0; time < 2; time++) {
        reads.pauseReading()
        reads.resumeReading()
      }
      assert.equal(reads.isReading(), false)
      assert.equal(await reader.ended(), null)
      await writer.ended()
    }))

  it('[PIPE-08] writeEof and close flush, then close; what is written afterwards is dropped', () =>
    withinLoop(async ({ loop }) => {
      for (const end of ['writeEof', 'close'] as const) {
        const [reading, writing] = PipeHandle.pair()
        const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
        assert.equal(transport.canWriteEof(), true)
        transport.write(Buffer.alloc(megabyte, end))
        transport[end]()
        transport[end]()
        assert.ok(transport.getWriteBufferSize() > 0)
        transport.write('too late')
        const [, reader] = await loop.connectReadPipe(() => new Recorder(loop), reading)
        assert.equal(await writer.ended(), null)
        assert.equal(await reader.ended(), null)
        assert.equal(reader.received, megabyte)
      }
    }))

  it('[PIPE-08] abort drops what is buffered', () =>
    withinLoop(async ({ loop }) => {
      const [reading, writing] = PipeHandle.pair()
      const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
      transport.write(Buffer.alloc(megabyte))
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(await writer.ended(), null)
      const [, reader] = await loop.connectReadPipe(() => new Recorder(loop), reading)
      await reader.ended()
      assert.ok(reader.received < megabyte)
    }))

  it('100 MB, with pauses, byte for byte', () =>
    withinLoop(async ({ loop }) => {
      const total = 100 * megabyte
      const piece = Buffer.from(Array.from({ length: megabyte }, (_, index) => (index * 7 + (index >> 8)) & 0xff))
      const [reading, writing] = PipeHandle.pair()
      const ended = loop.createFuture<void>()
      let seen = 0
      let wrong = 0
      let pauses = 0
      const reader: Protocol = {
        dataReceived(data) {
          for (let done = 0; done < data.length; ) {
            const start = (seen + done) % megabyte
            const count = Math.min(data.length - done, megabyte - start)
            if (piece.compare(data, done, done + count, start, start + count) !== 0) wrong++
            done += count
          }
          const before = Math.floor(seen / (10 * megabyte))
          seen += data.length
          if (Math.floor(seen / (10 * megabyte)) === before) return
          pauses++
          reads.pauseReading()
          loop.callLater(5, () => reads.resumeReading())
        },
        connectionLost: () => ended.setResult(),
      }
      const [reads] = await loop.connectReadPipe(() => reader, reading)
      let room = loop.createFuture<void>()
      const writer = {
        pauseWriting: () => void (room = loop.createFuture<void>()),
        resumeWriting: () => room.setResult(),
      }
      room.setResult()
      const [writes] = await loop.connectWritePipe(() => writer, writing)
      for (let sent = 0; sent < total; sent += megabyte) {
        writes.write(piece)
        await room
      }
      writes.close()
      await ended
      assert.deepEqual([seen, wrong], [total, 0])
      assert.ok(pauses >= 9)
    }, 120_000))

  it('a pipe is opened by its name', () =>
    withinLoop(async ({ loop }) => {
      const name = `\\\\.\\pipe\\loop-pipes-${process.pid}`
      let accepted: Transport | null = null
      const server: Protocol = {
        connectionMade: (transport) => {
          accepted = transport as Transport
          accepted.write('from the server')
        },
      }
      const [serving] = await (loop as unknown as ProactorEventLoop).startServingPipe(() => server, name)
      const [transport, reader] = await loop.connectReadPipe(() => new Recorder(loop), name)
      await reader.until(() => reader.text === 'from the server')
      transport.close()
      await reader.ended()
      accepted!.close()
      serving.close()
      await sleep(0)
      await assert.rejects(
        loop.connectReadPipe(() => new Recorder(loop), `${name}-none`),
        { code: 'ENOENT' },
      )
    }))

  it('[PIPE-02] what is not open for overlapped operation, a file among it, is refused at the call, and stays the caller’s', () =>
    withinLoop(async ({ loop }) => {
      const fd = openSync(process.execPath, 'r')
      assert.throws(() => loop.connectReadPipe(() => new Recorder(loop), fd), /PipeHandle or the name of a pipe/)
      closeSync(fd)
    }))
})
