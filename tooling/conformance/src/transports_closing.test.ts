// How stream transports end: close, abort, writeEof, and the loop closing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoopError, sleep } from '@loop/core'
import { pattern } from './pattern.js'
import { Recorder, readAll, readExactly, transportAndPeer } from './recorder.js'
import { withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

describe('selector socket transports: closing', () => {
  it('[TSS-12] close flushes what is buffered, then connectionLost(null) once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.close()
      assert.equal(transport.isClosing(), true)
      const first = await readExactly(loop, peer, megabyte)
      assert.equal(recorder.lost, undefined)
      const rest = await readAll(loop, peer)
      assert.ok(Buffer.concat([first, rest]).equals(data))
      assert.equal(await recorder.ended(), null)
      assert.equal(recorder.events.filter((event) => event === 'lost').length, 1)
    }))

  it('[TSS-13] close with nothing buffered calls connectionLost(null) in the next pass', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.close()
      assert.equal(recorder.lost, undefined)
      await sleep(0)
      assert.equal(recorder.lost, null)
    }))

  it('[TSS-14] close twice and writeEof after close do nothing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.close()
      transport.close()
      transport.writeEof()
      await recorder.ended()
      transport.close()
      transport.writeEof()
      transport.abort()
      await sleep(0)
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }))

  it('[TSS-15] abort drops what is buffered; connectionLost(null) comes in the next pass', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = Buffer.alloc(4 * megabyte)
      transport.write(data)
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(recorder.lost, undefined)
      await sleep(0)
      assert.equal(recorder.lost, null)
      assert.ok((await readAll(loop, peer)).length < data.length)
    }))

  it('[TSS-16] abort after close discards what close was flushing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write(Buffer.alloc(4 * megabyte))
      transport.close()
      assert.ok(transport.getWriteBufferSize() > 0)
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(await recorder.ended(), null)
      assert.equal(recorder.events.filter((event) => event === 'lost').length, 1)
      peer.close()
    }))

  it('[TSS-17] what resumeWriting writes while closing is flushed before connectionLost', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      recorder.resumeWriting = () => transport.write('the end')
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.close()
      const received = await readAll(loop, peer)
      assert.ok(received.equals(Buffer.concat([data, Buffer.from('the end')])))
      assert.equal(await recorder.ended(), null)
    }))

  it('[TSS-18] writeEof closes the writing half after what is buffered; further writes are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.writeEof()
      transport.writeEof()
      assert.throws(() => transport.write('x'), LoopError)
      assert.throws(() => transport.writelines(['x']), LoopError)
      assert.ok((await readAll(loop, peer)).equals(data))
      assert.equal(transport.isClosing(), false)
      peer.send('still heard')
      await recorder.until(() => recorder.text === 'still heard')
      peer.close()
      assert.equal(await recorder.ended(), null)
      assert.throws(() => transport.write('x'), LoopError)
    }))

  it('[TSS-18] writeEof with nothing buffered takes effect at once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.writeEof()
      assert.equal(peer.recv(1).length, 0)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-19] canWriteEof is true', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      assert.equal(transport.canWriteEof(), true)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-33] connectionLost comes once, whatever ended the connection; the descriptor is closed after it', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const socket = transport.getExtraInfo('socket')!
      const lost = recorder.connectionLost
      let open = false
      recorder.connectionLost = (exc) => {
        open = socket.fileno() >= 0
        lost.call(recorder, exc)
      }
      transport.write(Buffer.alloc(4 * megabyte))
      transport.close()
      transport.abort()
      transport.close()
      peer.close()
      await recorder.ended()
      transport.abort()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.deepEqual(
        recorder.events.filter((event) => event === 'lost'),
        ['lost'],
      )
      assert.equal(open, true)
      assert.equal(socket.fileno(), -1)
    }))

  it('an exception in connectionLost is reported, and the descriptor is closed all the same', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      const socket = transport.getExtraInfo('socket')!
      recorder.connectionLost = () => {
        throw new Error('in connectionLost')
      }
      transport.close()
      await sleep(0)
      assert.equal(reports.splice(0)[0]?.exception?.message, 'in connectionLost')
      assert.equal(socket.fileno(), -1)
    }))

  it('a transport that is still open when the loop closes is closed without callbacks', async () => {
    const events: string[] = []
    await withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      await transportAndPeer(loop, own, recorder)
      events.push(...recorder.events)
      recorder.connectionLost = () => void events.push('lost')
    })
    assert.deepEqual(events, ['made'])
  })
})
