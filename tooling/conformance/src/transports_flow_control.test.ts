// When stream transports pause and resume whoever writes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sleep } from '@loop/core'
import { fill } from './full_socket.js'
import { pattern } from './pattern.js'
import { Recorder, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

describe('selector socket transports: flow control', () => {
  it('[TSS-28] pauseWriting strictly above high, resumeWriting at or below low, in turns', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.setWriteBufferLimits({ high: 64 * megabyte })
      const data = pattern(4 * megabyte)
      transport.write(data)
      const size = transport.getWriteBufferSize()
      transport.setWriteBufferLimits({ high: size + 10, low: 5 })
      transport.write('0123456789')
      assert.deepEqual(recorder.events, ['made'])
      transport.write('!')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      transport.write('more')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      let sizeAtResume = -1
      const resume = recorder.resumeWriting
      recorder.resumeWriting = () => {
        sizeAtResume = transport.getWriteBufferSize()
        resume.call(recorder)
      }
      await readExactly(loop, peer, data.length + 15)
      await recorder.until(() => recorder.events.includes('resume'))
      assert.ok(sizeAtResume <= 5)
      assert.deepEqual(recorder.events, ['made', 'pause', 'resume'])
      transport.write(data)
      transport.write(data)
      await readExactly(loop, peer, 2 * data.length)
      await recorder.until(() => recorder.events.length === 5)
      assert.deepEqual(recorder.events, ['made', 'pause', 'resume', 'pause', 'resume'])
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-29] limits: defaults, high 0, and combinations that are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [mine, peer] = await tcpPair(loop, own)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 16384, high: 65536 })
      transport.setWriteBufferLimits({ high: 1000 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 250, high: 1000 })
      transport.setWriteBufferLimits({ low: 1000 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 1000, high: 4000 })
      for (const wrong of [{ high: 10, low: 11 }, { low: -1 }, { high: -1 }, { high: Number.NaN }]) {
        assert.throws(() => transport.setWriteBufferLimits(wrong), RangeError)
      }
      assert.throws(() => transport.setWriteBufferLimits({ high: '1' as never }), TypeError)
      transport.setWriteBufferLimits({ high: 0 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 0, high: 0 })
      const filler = fill(mine)
      assert.deepEqual(recorder.events, ['made'])
      transport.write('x')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      await readExactly(loop, peer, filler + 1)
      await recorder.until(() => recorder.events.at(-1) === 'resume')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-30] lowering the limits below what is buffered pauses at once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.setWriteBufferLimits({ high: 64 * megabyte })
      transport.write(Buffer.alloc(4 * megabyte))
      assert.deepEqual(recorder.events, ['made'])
      transport.setWriteBufferLimits({ high: 1000 })
      assert.deepEqual(recorder.events, ['made', 'pause'])
      transport.abort()
      await recorder.ended()
    }))

  it('an exception in pauseWriting or resumeWriting is reported and changes nothing else', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new Recorder(loop)
      recorder.pauseWriting = () => {
        throw new Error('in pauseWriting')
      }
      recorder.resumeWriting = () => {
        throw new Error('in resumeWriting')
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write(Buffer.alloc(4 * megabyte))
      await readExactly(loop, peer, 4 * megabyte)
      while (reports.length < 2) await sleep(0)
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message),
        ['protocol.pauseWriting() failed', 'protocol.resumeWriting() failed'],
      )
      transport.close()
      assert.equal(await recorder.ended(), null)
    }))
})
