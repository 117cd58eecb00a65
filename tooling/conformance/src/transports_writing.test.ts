// What stream transports write.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { sleep } from '@loop/core'
import { fill } from './full_socket.js'
import { pattern } from './pattern.js'
import { Recorder, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

describe('selector socket transports: writing', () => {
  it('[TSS-03] write sends at once; what is left is buffered and sent when the socket is writable', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write('now')
      assert.equal(peer.recv(10).toString(), 'now')
      assert.equal(transport.getWriteBufferSize(), 0)
      const data = pattern(4 * megabyte)
      transport.write(data)
      const left = transport.getWriteBufferSize()
      assert.ok(left > 0 && left < data.length, `${left} bytes are buffered`)
      assert.ok((await readExactly(loop, peer, data.length)).equals(data))
      // A proactor is told of what has left, which may be after it has come.
      while (transport.getWriteBufferSize() > 0 && loop.backend.kind === 'proactor') await sleep(0)
      assert.equal(transport.getWriteBufferSize(), 0)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-04] the caller may reuse its memory after write and writelines', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const mine = new Uint8Array(4 * megabyte).fill(97)
      const line = Buffer.from('line')
      transport.write(mine)
      transport.writelines([line, line])
      mine.fill(98)
      line.fill('?')
      const received = await readExactly(loop, peer, mine.length + 8)
      assert.ok(received.subarray(0, mine.length).every((byte) => byte === 97))
      assert.equal(received.subarray(mine.length).toString(), 'lineline')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-05] thousands of buffered chunks leave in order', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const chunks = [pattern(2 * megabyte)]
      for (let index = 0; index < 5000; index++) chunks.push(Buffer.from(`${index};`.repeat((index % 40) + 1)))
      for (const chunk of chunks) transport.write(chunk)
      const expected = Buffer.concat(chunks)
      assert.ok((await readExactly(loop, peer, expected.length)).equals(expected))
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-06] a write that would block is buffered whole and sent later', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [mine, peer] = await tcpPair(loop, own)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      const filler = fill(mine)
      transport.write('tail')
      assert.equal(transport.getWriteBufferSize(), 4)
      const received = await readExactly(loop, peer, filler + 4)
      assert.equal(received.subarray(-4).toString(), 'tail')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-07] an empty write does nothing; what is neither bytes nor a string is a TypeError', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write('')
      transport.write(new Uint8Array(0))
      transport.writelines([])
      for (const wrong of [5, null, undefined, {}, [1], new ArrayBuffer(1)]) {
        assert.throws(() => transport.write(wrong as never), TypeError)
        assert.throws(() => transport.writelines([wrong] as never), TypeError)
      }
      transport.write('ok ü')
      assert.equal(peer.recv(10).toString('utf8'), 'ok ü')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-08] writelines keeps the order and pauses the protocol above the limit', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.writelines(['a', Buffer.from('b'), '', 'c'])
      assert.equal(peer.recv(10).toString(), 'abc')
      const many = Array.from({ length: 16_000 }, (_, index) => Buffer.alloc(1000, index))
      transport.writelines(many)
      assert.deepEqual(recorder.events, ['made', 'pause'])
      const expected = Buffer.concat(many)
      assert.ok((await readExactly(loop, peer, expected.length)).equals(expected))
      await recorder.until(() => recorder.events.at(-1) === 'resume')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-09] writes after the connection is lost are dropped, with one warning after five', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.abort()
      await recorder.ended()
      const warned = once(process, 'warning')
      for (let count = 0; count < 10; count++) transport.write('late')
      assert.equal(transport.getWriteBufferSize(), 0)
      const [warning] = await warned
      assert.equal(warning.code, 'LOOP_LOST_CONNECTION')
    }))

  it('[TSS-10] writelines after the connection is lost is dropped as well', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.abort()
      transport.writelines(['late', 'lines'])
      assert.equal(transport.getWriteBufferSize(), 0)
      await recorder.ended()
      transport.writelines(['late', 'lines'])
      assert.equal(transport.getWriteBufferSize(), 0)
    }))

  it(
    '[TSS-11] a write error closes, goes to connectionLost and is not reported',
    { skip: process.platform === 'win32' && 'the peer of a TCP socket ends later than that of a Unix socket' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = new Recorder(loop)
        const [transport, peer] = await transportAndPeer(loop, own, recorder)
        transport.pauseReading()
        peer.close()
        transport.write('x')
        assert.equal(transport.isClosing(), true)
        const error = (await recorder.ended()) as NodeJS.ErrnoException
        assert.equal(error.code, 'EPIPE')
        assert.equal(error.syscall, 'send')
        assert.deepEqual(recorder.events, ['made', 'lost'])
      }),
  )

  it('[TSS-11] so does an error of a buffered write', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.pauseReading()
      transport.write(Buffer.alloc(4 * megabyte))
      peer.close()
      const error = (await recorder.ended()) as NodeJS.ErrnoException
      assert.match(error.code ?? '', /EPIPE|ECONNRESET/)
      assert.equal(transport.getWriteBufferSize(), 0)
    }))
})
