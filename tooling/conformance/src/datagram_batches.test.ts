// Datagrams that leave or come several at a time.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, type InetAddress } from '@loop/core'
import { DatagramRecorder, endpoint, loopback, nameOf, plainSocket, receive } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

describe('datagram transports: batches', () => {
  it('several datagrams of one pass arrive one by one, in order, to several addresses', () =>
    withinLoop(async ({ loop, own }) => {
      const peers = [plainSocket(own), plainSocket(own)]
      const recorder = await endpoint(loop)
      const sent: string[][] = [[], []]
      for (let index = 0; index < 300; index++) {
        // Runs of one size, interrupted by other sizes and by the other address.
        const text = String(index % 7 === 0 ? index : 100 + (index % 10)).padEnd(index % 50 === 0 ? 40 : 3)
        const which = index % 20 < 15 ? 0 : 1
        sent[which]!.push(text)
        recorder.endpoint.sendto(text, peers[which]!.getsockname())
      }
      for (const [which, texts] of sent.entries())
        for (const text of texts) assert.equal(await receive(loop, peers[which]!), text)
      await recorder.close()
    }))

  it(
    'where the kernel cannot cut runs up, the datagrams leave one by one',
    { skip: constants['UDP_SEGMENT'] === undefined && 'UDP_SEGMENT is Linux’s' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const peer = plainSocket(own)
        for (const connected of [false, true]) {
          const options = connected ? { remoteAddr: peer.getsockname() as InetAddress } : { localAddr: loopback }
          const sender = await endpoint(loop, options)
          // SO_NO_CHECK: without checksums there are no runs.
          sender.transport.getExtraInfo('socket')!.setsockopt('SOL_SOCKET', 11, true)
          for (let round = 0; round < 2; round++) {
            for (let index = 0; index < 20; index++)
              sender.endpoint.sendto(`datagram ${index % 10}`, connected ? null : peer.getsockname())
            for (let index = 0; index < 20; index++) assert.equal(await receive(loop, peer), `datagram ${index % 10}`)
          }
          assert.deepEqual(sender.errors, [])
          await sender.close()
        }
      }),
  )

  it('endpoints that send in turns do not mix up what they send', () =>
    withinLoop(async ({ loop, own }) => {
      const peers = [plainSocket(own), plainSocket(own)]
      const senders = []
      for (const peer of peers) senders.push(await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress }))
      for (let index = 0; index < 100; index++)
        for (const [which, sender] of senders.entries()) sender.endpoint.sendto(`${which}: ${index}`)
      for (let index = 0; index < 100; index++)
        for (const [which, peer] of peers.entries()) assert.equal(await receive(loop, peer), `${which}: ${index}`)
      for (const sender of senders) await sender.close()
    }))

  it('replies of one batch leave together, after its callbacks', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      recorder.datagramReceived = (data, addr) => recorder.endpoint.sendto(data, addr)
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peers = [plainSocket(own), plainSocket(own), plainSocket(own)]
      for (let round = 0; round < 50; round++)
        for (const [which, peer] of peers.entries()) peer.sendto(`${which}: ${round}`, nameOf(recorder))
      for (let round = 0; round < 50; round++)
        for (const [which, peer] of peers.entries()) assert.equal(await receive(loop, peer), `${which}: ${round}`)
      await recorder.close()
    }))

  it(
    'datagrams that the system joined (UDP_GRO) come one by one',
    { skip: constants['UDP_GRO'] === undefined && 'UDP_GRO is Linux’s' },
    () =>
      withinLoop(async ({ loop }) => {
        const receiver = await endpoint(loop)
        receiver.transport.getExtraInfo('socket')!.setsockopt('IPPROTO_UDP', 'UDP_GRO', true)
        const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
        const texts = Array.from({ length: 200 }, (_, index) => String(index).padStart(index % 40 === 39 ? 30 : 100))
        for (const text of texts) sender.endpoint.sendto(text)
        assert.deepEqual(await receiver.arrived(200), texts)
        await sender.close()
        await receiver.close()
      }),
  )
})
