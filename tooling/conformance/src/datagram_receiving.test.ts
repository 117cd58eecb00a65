// What datagram transports receive over real sockets.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type InetAddress, sleep } from '@loop/core'
import { DatagramRecorder, endpoint, loopback, nameOf, plainSocket } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

describe('datagram transports: receiving', () => {
  it('every datagram comes with its sender, whole and apart', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peers = [plainSocket(own), plainSocket(own)]
      const name = nameOf(recorder)
      const texts = Array.from({ length: 100 }, (_, index) => String(index).repeat(index % 9))
      for (const [index, text] of texts.entries()) peers[index % 2]!.sendto(text, name)
      assert.deepEqual(await recorder.arrived(100), texts)
      for (const [index, sender] of recorder.senders.entries())
        assert.deepEqual(sender, peers[index % 2]!.getsockname())
      await recorder.close()
    }))

  it('received memory is the receiver’s own: what comes later does not change it', () =>
    withinLoop(async ({ loop, own }) => {
      const kept: Buffer[] = []
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        kept.push(data)
        noted.call(recorder, data, addr)
      }
      const [transport] = await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const secret = await endpoint(loop)
      const peer = plainSocket(own)
      const sizes = [1, 10, 4096, 4097, 9000, 100, 30_000, 1]
      for (const [index, size] of sizes.entries()) {
        peer.sendto(Buffer.alloc(size, 97 + index), transport.getExtraInfo('sockname') as InetAddress)
        peer.sendto(Buffer.alloc(200, 'S'), nameOf(secret))
      }
      await recorder.arrived(sizes.length)
      await secret.arrived(sizes.length)
      for (const [index, size] of sizes.entries()) {
        assert.deepEqual(kept[index], Buffer.alloc(size, 97 + index))
        assert.equal(Buffer.from(kept[index]!.buffer).includes('SS'), false, 'others’ data can be seen')
      }
      await recorder.close()
      await secret.close()
    }))

  it('other work has its turn while datagrams pour in', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peer = plainSocket(own)
      // Each datagram brings another, for ever.
      recorder.datagramReceived = () => void peer.sendto('again', name)
      const name = nameOf(recorder)
      for (let index = 0; index < 50; index++) peer.sendto('first', name)
      const order: string[] = []
      loop.callLater(20, () => order.push('timer'))
      setTimeout(() => order.push('host timer'), 20)
      while (order.length < 2) await sleep(1)
      await recorder.close()
    }))

  it('an exception of datagramReceived is reported, and the next datagrams come', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        if (String(data) === 'bad') throw new Error('from datagramReceived')
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      for (const text of ['good', 'bad', 'good', 'bad', 'good']) peer.sendto(text, nameOf(recorder))
      await recorder.arrived(5)
      assert.equal(recorder.endpoint.isClosing(), false)
      const [first, second, ...others] = reports.splice(0)
      assert.deepEqual(others, [])
      for (const report of [first, second]) {
        assert.equal(report!.exception?.message, 'from datagramReceived')
        assert.equal(report!.transport, recorder.transport)
        assert.equal(report!.protocol, recorder)
      }
      await recorder.close()
    }))

  it('nothing is delivered after close, not even of what came together', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        recorder.transport.close()
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      for (const text of ['1', '2', '3']) peer.sendto(text, nameOf(recorder))
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.datagrams, ['1'])
    }))

  it('pauseReading holds back also what came together, and resumeReading brings it in order', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        if (recorder.datagrams.length % 3 === 0) recorder.transport.pauseReading()
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      const texts = Array.from({ length: 20 }, (_, index) => String(index))
      for (const text of texts) peer.sendto(text, nameOf(recorder))
      for (let expected = 3; expected < 20; expected += 3) {
        await recorder.arrived(expected)
        for (let pass = 0; pass < 5; pass++) await sleep(0)
        assert.equal(recorder.datagrams.length, expected)
        recorder.transport.resumeReading()
      }
      assert.deepEqual(await recorder.arrived(20), texts)
      await recorder.close()
    }))

  it('a datagram of the largest size comes whole', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      const data = Buffer.alloc(65_507, 'abc')
      sender.endpoint.sendto(data)
      await receiver.arrived(1)
      assert.equal(receiver.datagrams[0], data.toString('latin1'))
      assert.deepEqual(sender.errors, [])
      await sender.close()
      await receiver.close()
    }))

  it('IPv6: senders come with everything that an answer needs', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop, { localAddr: { host: '::1', port: 0 } })
      const sender = await endpoint(loop, { localAddr: { host: '::1', port: 0 } })
      for (const text of ['1', '2']) sender.endpoint.sendto(text, nameOf(receiver))
      assert.deepEqual(await receiver.arrived(2), ['1', '2'])
      for (const address of receiver.senders) assert.deepEqual(address, nameOf(sender))
      receiver.endpoint.sendto('back', receiver.senders[0]!)
      assert.deepEqual(await sender.arrived(1), ['back'])
      await sender.close()
      await receiver.close()
    }))
})
