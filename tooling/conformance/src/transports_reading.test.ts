// What stream transports read, and how the stream ends.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BufferedProtocol, sleep } from '@loop/core'
import { resetOnClose } from './linger.js'
import { pattern } from './pattern.js'
import { Recorder, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { loopKind, withinLoop } from './within_loop.js'

const swallowed =
  process.platform === 'win32' && loopKind() === 'selector' && 'Wine takes the error of a reset away when it is polled'

describe('selector socket transports: reading', () => {
  it('[TSS-20] the end of the stream calls eofReceived once; a falsy answer closes', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('bye')
      peer.shutdown('SHUT_WR')
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'data', 'eof', 'lost'])
      assert.equal(peer.recv(1).length, 0)
    }))

  it('[TSS-20] a protocol without eofReceived is closed as well', () =>
    withinLoop(async ({ loop, own }) => {
      const lost = loop.createFuture<Error | null>()
      const [, peer] = await transportAndPeer(loop, own, {
        connectionLost: (exc: Error | null) => lost.setResult(exc),
      })
      peer.send('nobody listens')
      peer.shutdown('SHUT_WR')
      assert.equal(await lost, null)
    }))

  it('[TSS-21] true from eofReceived keeps the writing half open and ends reading', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      recorder.keepOpen = true
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.shutdown('SHUT_WR')
      await recorder.until(() => recorder.events.includes('eof'))
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.deepEqual(recorder.events, ['made', 'eof'])
      assert.equal(transport.isClosing(), false)
      transport.write('reply')
      assert.equal((await readExactly(loop, peer, 5)).toString(), 'reply')
      transport.close()
      assert.equal(await recorder.ended(), null)
    }))

  it('[TSS-22] a reset gives connectionLost(error) without eofReceived', { skip: swallowed }, () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const recorder = new Recorder(loop)
      await loop.connectAcceptedSocket(() => recorder, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      const error = (await recorder.ended()) as NodeJS.ErrnoException
      assert.equal(error.code, 'ECONNRESET')
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }),
  )

  for (const method of ['dataReceived', 'eofReceived'] as const) {
    it(`[TSS-23] an exception in ${method} is reported and closes the transport with it`, () =>
      withinLoop(async ({ loop, own, reports }) => {
        const recorder = new Recorder(loop)
        const failure = new Error(`in ${method}`)
        recorder[method] = () => {
          throw failure
        }
        const [transport, peer] = await transportAndPeer(loop, own, recorder)
        if (method === 'dataReceived') peer.send('x')
        else peer.shutdown('SHUT_WR')
        assert.equal(await recorder.ended(), failure)
        const [report] = reports.splice(0)
        assert.equal(report?.message, `Fatal error: protocol.${method}() call failed.`)
        assert.equal(report?.exception, failure)
        assert.equal(report?.transport, transport)
        assert.equal(report?.protocol, recorder)
      }))
  }

  it("[TSS-32] other errors than the system's are reported, the system's are not", { skip: swallowed }, () =>
    withinLoop(async ({ loop, own, reports }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const quiet = new Recorder(loop)
      await loop.connectAcceptedSocket(() => quiet, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      assert.ok((await quiet.ended()) instanceof Error)
      assert.deepEqual(reports, [])
      const loud = new Recorder(loop)
      loud.dataReceived = () => {
        throw new RangeError('a bug')
      }
      const [, other] = await transportAndPeer(loop, own, loud)
      other.send('x')
      assert.ok((await loud.ended()) instanceof RangeError)
      assert.equal(reports.splice(0).length, 1)
    }),
  )

  const noReadiness = loopKind() === 'proactor' && 'a proactor has read what another takes away'
  it('[TSS-24] readiness without data is ignored', { skip: noReadiness }, () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const thief = own(mine.dup())
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      await sleep(0)
      // The handle that takes the data away stands in the queue before the transport's.
      let stolen = 0
      peer.send('x')
      loop.callSoon(() => {
        stolen = thief.recv(10).length
      })
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(stolen, 1)
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(transport.isClosing(), false)
      peer.send('y')
      await recorder.until(() => recorder.text === 'y')
      transport.close()
      await recorder.ended()
      peer.close()
    }),
  )

  it('[TSS-25] pauseReading and resumeReading are idempotent; nothing comes while paused', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      await sleep(0)
      peer.send('x')
      transport.pauseReading()
      transport.pauseReading()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(recorder.received, 0)
      transport.resumeReading()
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      transport.pauseReading()
      transport.resumeReading()
      await recorder.ended()
      transport.pauseReading()
      transport.resumeReading()
    }))

  it('[TSS-25] pausing from dataReceived keeps the rest back', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const received = recorder.dataReceived
      recorder.dataReceived = (data) => {
        recorder.transport.pauseReading()
        received.call(recorder, data)
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('one')
      await recorder.until(() => recorder.text === 'one')
      peer.send('two')
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(recorder.text, 'one')
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'onetwo')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-27] isReading tells of pauses and closing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      assert.equal(transport.isReading(), true)
      transport.pauseReading()
      assert.equal(transport.isReading(), false)
      transport.resumeReading()
      assert.equal(transport.isReading(), true)
      transport.close()
      assert.equal(transport.isReading(), false)
      await recorder.ended()
      assert.equal(transport.isReading(), false)
    }))

  it('[TSS-36] setProtocol switches the callbacks, also between streaming and buffered protocols', () =>
    withinLoop(async ({ loop, own }) => {
      const first = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, first)
      assert.equal(transport.getProtocol(), first)
      peer.send('one')
      await first.until(() => first.text === 'one')
      const memory = Buffer.alloc(100)
      const filled = loop.createFuture<number>()
      const buffered: BufferedProtocol = {
        getBuffer: () => memory,
        bufferUpdated: (count) => filled.setResult(count),
      }
      transport.setProtocol(buffered)
      peer.send('two')
      assert.equal(memory.toString('latin1', 0, await filled), 'two')
      const last = new Recorder(loop)
      transport.setProtocol(last)
      assert.throws(() => transport.setProtocol(null as never), TypeError)
      peer.send('three')
      await last.until(() => last.text === 'three')
      transport.close()
      assert.equal(await last.ended(), null)
      assert.deepEqual(first.events, ['made', 'data'])
      assert.deepEqual(last.events, ['data', 'lost'])
    }))

  it("received bytes are the receiver's alone, of every size", () =>
    withinLoop(async ({ loop, own }) => {
      const one = new Recorder(loop)
      const two = new Recorder(loop)
      const [transportOne, peerOne] = await transportAndPeer(loop, own, one)
      const [transportTwo, peerTwo] = await transportAndPeer(loop, own, two)
      const expected: Buffer[] = []
      for (const size of [
        1, 3, 64, 1000, 5000, 16384, 16384, 16384, 9000, 16384, 16384, 16384, 50, 20000, 65536, 100, 70000, 70000, 2,
      ]) {
        const secret = Buffer.alloc(size, 's')
        const open = pattern(size)
        expected.push(open)
        await Promise.all([loop.sockSendall(peerOne, secret), loop.sockSendall(peerTwo, open)])
        const total = expected.reduce((sum, part) => sum + part.length, 0)
        await Promise.all([one.until(() => one.received === total), two.until(() => two.received === total)])
      }
      assert.ok(Buffer.concat(two.chunks).equals(Buffer.concat(expected)))
      for (const chunk of two.chunks) {
        const memory = Buffer.from(chunk.buffer)
        assert.equal(memory.indexOf('sss'), -1, `the memory behind ${chunk.length} bytes shows another connection's`)
      }
      transportOne.close()
      transportTwo.close()
      await Promise.all([one.ended(), two.ended()])
    }))
})
