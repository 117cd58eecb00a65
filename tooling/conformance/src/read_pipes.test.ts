// connectReadPipe: pipes of Unix that are read.
import assert from 'node:assert/strict'
import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type BufferedProtocol, NotImplementedError, type WriteTransport } from '@loop/core'
import { pipePair } from './fifo.js'
import { onlyWithPipes, readPipe } from './pipe_transports.js'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

describe('read pipes', onlyWithPipes, () => {
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
