// How TLS connections end, and what flow control and closing have to do with each other.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { sleep, type TlsTransport, wrapFuture } from '@loop/core'
import { addressOf, Recorder } from './recorder.js'
import { cert, clientContext, closeBoth, megabytes, tlsPair, tlsServer } from './tls_pair.js'
import { withinLoop } from './within_loop.js'

describe('the end of TLS connections', () => {
  it('[TLS-17] close sends what was written first', () =>
    withinLoop(async (ground) => {
      const { client, server, near } = await tlsPair(ground)
      near.write(megabytes)
      near.close()
      await server.ended()
      assert.equal(server.received, megabytes.length)
      assert.deepEqual(
        server.events.filter((event) => event !== 'data'),
        ['made', 'eof', 'lost'],
      )
      assert.equal(await client.ended(), null)
      assert.equal(client.events.filter((event) => event === 'lost').length, 1)
    }))

  it('a client that closes as soon as its handshake is done has done it for the server, too', () =>
    withinLoop(async (ground) => {
      for (let time = 0; time < 50; time++) {
        const [listening, accepted] = await tlsServer(ground)
        const options = { ...addressOf(listening), ssl: clientContext }
        const [near, client] = await ground.loop.createConnection(() => new Recorder(ground.loop), options)
        near.close()
        assert.equal(await client.ended(), null)
        listening.close()
        await listening.waitClosed()
        assert.deepEqual(accepted[0]!.events, ['made', 'eof', 'lost'])
      }
    }))

  it('[TLS-18] what came before the peer ended is delivered, then its end, also after a pause', () =>
    withinLoop(async (ground) => {
      const { client, server, near, far } = await tlsPair(ground)
      near.pauseReading()
      assert.equal(near.isReading(), false)
      far.write(megabytes)
      far.close()
      far.write('too late')
      assert.equal(client.received, 0)
      near.resumeReading()
      assert.equal(await client.ended(), null)
      assert.equal(client.received, megabytes.length)
      assert.deepEqual(
        client.events.filter((event) => event !== 'data'),
        ['made', 'eof', 'lost'],
      )
      assert.equal(await server.ended(), null)
    }))

  it('[TLS-19] a peer that does not answer the shutdown is cut off', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, accepted] = await tlsServer(ground, { sslShutdownTimeout: 20 })
      // A client that has stopped reading sees no close_notify.
      const peer = connectTls({ ...addressOf(server), ca: cert, allowHalfOpen: true } as object)
      await wrapFuture(once(peer, 'secureConnect'))
      await accepted[0]!.until(() => accepted[0]!.events.includes('made'))
      peer.pause()
      accepted[0]!.transport.close()
      const lost = await accepted[0]!.ended()
      assert.equal(lost?.name, 'TimeoutError')
      peer.on('error', () => {})
      const gone = once(peer, 'close')
      peer.destroy()
      await wrapFuture(gone)
      assert.equal(loop.isRunning(), true)
    }))

  it('[TLS-20] no timer is left when the handshake and the shutdown are done', () =>
    withinLoop(async (ground) => {
      const began = performance.now()
      const pair = await tlsPair(ground, { sslHandshakeTimeout: 200, sslShutdownTimeout: 200 })
      await new Promise<void>((done) => ground.loop.callLater(300, done))
      assert.deepEqual([pair.client.events, pair.server.events], [['made'], ['made']])
      await closeBoth(pair)
      assert.ok(performance.now() - began >= 300)
    }))

  it('[TLS-21] writes after close are dropped, with one warning after five', () =>
    withinLoop(async (ground) => {
      const { near, client, server } = await tlsPair(ground)
      const warnings: Error[] = []
      const onWarning = (warning: Error) => void warnings.push(warning)
      process.on('warning', onWarning)
      near.close()
      for (let i = 0; i < 10; i++) near.write('dropped')
      await client.ended()
      await server.ended()
      process.off('warning', onWarning)
      assert.equal(server.received, 0)
      assert.deepEqual(
        warnings.map(({ name }) => name),
        ['LostConnectionWarning'],
      )
    }))

  it('[TLS-22] a writer is told to stop while nobody reads, and to go on afterwards', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { client, server, near, far } = pair
      far.pauseReading()
      let written = 0
      while (!client.events.includes('pause')) {
        near.write(megabytes)
        written += megabytes.length
      }
      assert.ok(near.getWriteBufferSize() > near.getWriteBufferLimits().high)
      assert.equal(server.received, 0)
      far.resumeReading()
      await server.until(() => server.received === written)
      await client.until(() => client.events.includes('resume'))
      await closeBoth(pair)
    }))

  it('a writer that stops for flow control and isClosing() only comes to an end when the peer is gone', () =>
    withinLoop(async (ground) => {
      const { server, near, far, client } = await tlsPair(ground)
      far.abort()
      await server.ended()
      while (!near.isClosing() && !client.events.includes('pause')) near.write(megabytes.subarray(0, 65536))
      await client.ended()
      assert.equal(client.events.at(-1), 'lost')
    }))

  it('what is buffered under TLS counts as buffered', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { near, far, server, client } = pair
      near.setWriteBufferLimits({ high: 0 })
      far.pauseReading()
      let written = 0
      while (near.getWriteBufferSize() === 0) {
        near.write(megabytes.subarray(0, 65536))
        written += 65536
      }
      assert.equal(client.events.at(-1), 'pause')
      far.resumeReading()
      await client.until(() => client.events.at(-1) === 'resume')
      assert.equal(near.getWriteBufferSize(), 0)
      await server.until(() => server.received === written)
      await closeBoth(pair)
    }))

  it('[A348] the read buffer is bounded by its limits while reading is paused', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { far, client } = pair
      const near = pair.near as TlsTransport
      assert.deepEqual(near.getReadBufferLimits(), { high: 262_144, low: 65_536 })
      assert.throws(() => near.setReadBufferLimits({ high: 1, low: 2 }), RangeError)
      near.setReadBufferLimits({ high: 20_000 })
      near.pauseReading()
      far.write(megabytes)
      while (near.getReadBufferSize() <= 20_000) await sleep(1)
      // Time for more than that, if it came.
      await sleep(20)
      const size = near.getReadBufferSize()
      // One read more, and the record that it completed.
      assert.ok(size < 20_000 + 65_536 + 16_384, `${size} bytes`)
      assert.equal(client.received, 0)
      near.resumeReading()
      await client.until(() => client.received === megabytes.length)
      assert.equal(near.getReadBufferSize(), 0)
      await closeBoth(pair)
    }))

  it('[TLS-23] there is no half to end', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      assert.equal(pair.near.canWriteEof(), false)
      assert.throws(() => pair.near.writeEof(), { name: 'NotImplementedError' })
      await closeBoth(pair)
    }))

  it('[TLS-25] a paused connection still completes its shutdown', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      pair.near.pauseReading()
      pair.far.write(megabytes)
      await closeBoth(pair)
    }))

  it('abort ends both sides at once', () =>
    withinLoop(async (ground) => {
      const { client, server, near } = await tlsPair(ground)
      near.abort()
      assert.equal(await client.ended(), null)
      await server.ended()
      assert.equal(client.events.at(-1), 'lost')
    }))
})
