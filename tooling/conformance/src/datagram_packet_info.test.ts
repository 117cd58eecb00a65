// packetInfo: what the system tells of each datagram.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants } from '@loop/core'
import { endpoint, loopback, nameOf, plainSocket } from './datagram_recorder.js'
import { supports, withinLoop } from './within_loop.js'

const { AF_INET } = constants as Record<string, number>

describe('datagram transports: packetInfo', () => {
  it(
    'packetInfo: where a datagram came in, how it was marked and when',
    { skip: !supports('packetInfo') && 'not told on Windows' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = await endpoint(loop, { localAddr: { host: '', port: 0 }, family: AF_INET!, packetInfo: true })
        const peer = plainSocket(own)
        peer.setsockopt('IPPROTO_IP', 'IP_TOS', 0x28)
        const before = Date.now()
        for (const host of ['127.0.0.1', '127.0.0.2']) peer.sendto('x', { host, port: nameOf(recorder).port })
        await recorder.arrived(2)
        const [first, second] = recorder.infos
        assert.deepEqual([first!.destination, second!.destination], ['127.0.0.1', '127.0.0.2'])
        for (const info of recorder.infos) {
          assert.equal(info!.tos, 0x28)
          assert.equal(info!.interface, 1)
          assert.equal(info!.dropped, process.platform === 'linux' ? 0 : undefined)
          const { timestamp } = info!
          assert.ok(timestamp! > before - 100 && timestamp! < Date.now() + 100, `${timestamp} beside ${before}`)
        }
        await recorder.close()
      }),
  )

  it(
    'packetInfo: how many datagrams were lost for want of room',
    { skip: process.platform !== 'linux' && 'SO_RXQ_OVFL is Linux’s' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = await endpoint(loop, { localAddr: loopback, packetInfo: true })
        const peer = plainSocket(own)
        const socket = recorder.transport.getExtraInfo('socket')!
        socket.setsockopt('SOL_SOCKET', 'SO_RCVBUF', 4096)
        for (let index = 0; index < 100; index++) peer.sendto(Buffer.alloc(1000), nameOf(recorder))
        await recorder.arrived(1)
        while (recorder.infos.at(-1)!.dropped === 0) {
          peer.sendto(Buffer.alloc(1000), nameOf(recorder))
          await recorder.arrived(recorder.datagrams.length + 1)
        }
        const received = recorder.datagrams.length
        assert.ok(recorder.infos.at(-1)!.dropped! <= 200 - received)
        await recorder.close()
      }),
  )

  it('packetInfo over IPv6', { skip: !supports('packetInfo') && 'not told on Windows' }, () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { localAddr: { host: '::1', port: 0 }, packetInfo: true })
      recorder.endpoint.sendto('self', nameOf(recorder))
      await recorder.arrived(1)
      const [info] = recorder.infos
      assert.equal(info!.destination, '::1')
      assert.equal(info!.tos, 0)
      assert.ok(info!.timestamp! > 1e12)
      await recorder.close()
    }),
  )

  it('without packetInfo there is none', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop)
      recorder.endpoint.sendto('self', nameOf(recorder))
      await recorder.arrived(1)
      assert.deepEqual(recorder.infos, [undefined])
      await recorder.close()
    }))
})
