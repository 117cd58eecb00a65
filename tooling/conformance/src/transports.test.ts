// Stream transports over real sockets, a transport at one end and a plain socket at the other: how they begin.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, LoopError, sleep } from '@loop/core'
import { resetOnClose } from './linger.js'
import { Recorder, tcpPair, transportAndPeer } from './recorder.js'
import { withinLoop } from './within_loop.js'

describe('selector socket transports: beginning', () => {
  it('[TSS-01] connectionMade comes before any data, and reading starts after it', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      peer.send('early')
      const recorder = new Recorder(loop)
      await loop.connectAcceptedSocket(() => recorder, mine)
      await recorder.until(() => recorder.received === 5)
      assert.deepEqual(recorder.events, ['made', 'data'])
      recorder.transport.abort()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-02] the creation ends after connectionMade and before the first data', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      peer.send('early')
      const recorder = new Recorder(loop)
      const created = loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(recorder.events, [])
      const [transport, protocol] = await created
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(protocol, recorder)
      assert.equal(recorder.transport, transport)
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-26] pauseReading inside connectionMade keeps data back', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const made = recorder.connectionMade
      recorder.connectionMade = (transport) => {
        made.call(recorder, transport)
        transport.pauseReading()
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('x')
      for (let pass = 0; pass < 10; pass++) await sleep(0)
      assert.deepEqual(recorder.events, ['made'])
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-31] getExtraInfo gives names and socket, or the default', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(transport.getExtraInfo('peername'), peer.getsockname())
      assert.deepEqual(transport.getExtraInfo('sockname'), peer.getpeername())
      const socket = transport.getExtraInfo('socket')!
      assert.equal(socket.fileno(), mine.fileno())
      assert.equal(socket.family, constants['AF_INET'])
      assert.equal('recv' in socket, false)
      assert.equal(transport.getExtraInfo('cipher'), undefined)
      assert.equal(transport.getExtraInfo('cipher', 'none'), 'none')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-34] plain transports keep sockname and peername after the connection is lost', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const names = [peer.getpeername(), peer.getsockname()]
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      await recorder.ended()
      assert.deepEqual([transport.getExtraInfo('sockname'), transport.getExtraInfo('peername')], names)
    }))

  it('[CREA-18] TCP_NODELAY is set on TCP transports', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      assert.equal(mine.getsockopt('IPPROTO_TCP', 'TCP_NODELAY'), 0)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.notEqual(mine.getsockopt('IPPROTO_TCP', 'TCP_NODELAY'), 0)
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-35] addReader and addWriter on a descriptor of an open transport are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      const fd = transport.getExtraInfo('socket')!.fileno()
      for (const method of ['addReader', 'addWriter'] as const) {
        assert.throws(() => loop[method](fd, () => {}), LoopError)
      }
      assert.throws(() => loop.removeReader(fd), LoopError)
      assert.throws(() => loop.removeWriter(fd), LoopError)
      transport.close()
      await recorder.ended()
    }))
})
