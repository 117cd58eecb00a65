// What datagram transports tell of errors, and that they go on.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, Socket, sleep } from '@loop/core'
import { closedPort, DatagramRecorder, endpoint, loopback, nameOf, plainSocket, receive } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

const { SOCK_DGRAM } = constants as Record<string, number>

describe('datagram transports: errors', () => {
  it(
    '[DATA-04] a dead peer of a connected endpoint is told to errorReceived each time, and it stays open',
    { skip: process.platform === 'win32' && 'Wine does not tell of dead peers' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const name = closedPort()
        const recorder = await endpoint(loop, { remoteAddr: name })
        for (let count = 1; count <= 3; count++) {
          recorder.endpoint.sendto('anybody there?')
          await recorder.until(() => recorder.errors.length >= count)
        }
        assert.deepEqual([...new Set(recorder.errors.map(({ code }) => code))], ['ECONNREFUSED'])
        assert.equal(recorder.endpoint.isClosing(), false)
        // Somebody comes.
        const peer = plainSocket(own, name)
        recorder.endpoint.sendto('now?')
        assert.equal(await receive(loop, peer), 'now?')
        await recorder.close()
        assert.equal(recorder.lost, null)
      }),
  )

  it('[DATA-04] a burst to a dead peer: errors are told, and what comes after them still leaves', () =>
    withinLoop(async ({ loop, own }) => {
      const name = closedPort()
      const recorder = await endpoint(loop, { remoteAddr: name })
      for (let round = 1; round <= 3; round++) {
        const before = recorder.errors.length
        for (let index = 0; index < 20; index++) recorder.endpoint.sendto('x'.repeat(index))
        await recorder.until(() => recorder.errors.length > before + 1)
      }
      assert.deepEqual([...new Set(recorder.errors.map(({ code }) => code))], ['ECONNREFUSED'])
      // An error that is still pending would be the first datagram's.
      for (let pass = 0; pass < 10; pass++) await sleep(0)
      const peer = plainSocket(own, name)
      for (let index = 0; index < 20; index++) recorder.endpoint.sendto('x'.repeat(index))
      for (let index = 0; index < 20; index++) assert.equal(await receive(loop, peer), 'x'.repeat(index))
      await recorder.close()
    }))

  it('[DATA-04] what the system refuses is told to errorReceived, and what was sent beside it arrives', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      sender.endpoint.sendto('before')
      sender.endpoint.sendto('also before')
      sender.endpoint.sendto(Buffer.alloc(70_000))
      sender.endpoint.sendto('after')
      await receiver.arrived(3)
      assert.deepEqual(receiver.datagrams, ['before', 'also before', 'after'])
      assert.deepEqual(
        sender.errors.map(({ code }) => code),
        ['EMSGSIZE'],
      )
      await sender.close()
      await receiver.close()
    }))

  it('[DATA-04] each datagram of several has its own error', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop)
      const nowhere = { host: '255.255.255.255', port: 9 }
      // Broadcasting was not allowed: EACCES. Runs of one size to both.
      for (let index = 0; index < 30; index++) {
        sender.endpoint.sendto(`good ${index % 10}`, nameOf(receiver))
        if (index % 10 === 5) sender.endpoint.sendto('refused', nowhere)
      }
      await receiver.arrived(30)
      assert.deepEqual(
        receiver.datagrams,
        Array.from({ length: 30 }, (_, index) => `good ${index % 10}`),
      )
      await sender.until(() => sender.errors.length === 3)
      for (const error of sender.errors) assert.deepEqual([error.code, error.address], ['EACCES', '255.255.255.255'])
      await sender.close()
      await receiver.close()
    }))

  it('[DATA-05] [DATA-11] an unconnected endpoint goes on receiving after it sent to a closed port', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peer = plainSocket(own)
      recorder.endpoint.sendto('nobody', closedPort())
      recorder.endpoint.sendto('somebody', peer.getsockname())
      assert.equal(await receive(loop, peer), 'somebody')
      peer.sendto('answer', nameOf(recorder))
      assert.deepEqual(await recorder.arrived(1), ['answer'])
      assert.equal(recorder.endpoint.isClosing(), false)
      await recorder.close()
    }))

  it('[DATA-06] what is no error of the system ends the endpoint', () =>
    withinLoop(async ({ loop, own, reports }) => {
      for (const call of ['sendmmsg', 'recvmmsg'] as const) {
        const sock = new Socket({ type: SOCK_DGRAM! })
        sock.bind(loopback)
        const broken = new Error('from nowhere')
        const fail = () => {
          throw broken
        }
        Object.defineProperty(sock, '_ops', { value: { ...(sock as never as { _ops: object })._ops, [call]: fail } })
        const recorder = await endpoint(loop, { sock })
        const name = nameOf(recorder)
        if (call === 'sendmmsg') recorder.endpoint.sendto('x', name)
        else plainSocket(own).sendto('x', name)
        assert.equal(await recorder.ended(), broken)
        assert.deepEqual(recorder.errors, [])
        const [report] = reports.splice(0)
        assert.match(report!.message, /^Fatal (read|write) error on datagram transport/)
        assert.equal(report!.exception, broken)
      }
    }))

  it('[PL-05] a system that is out of buffers is told to errorReceived, and the endpoint stays open', () =>
    withinLoop(async ({ loop, own }) => {
      const sock = new Socket({ type: SOCK_DGRAM! })
      sock.bind(loopback)
      const ops = (sock as never as { _ops: Record<string, (...args: never[]) => number> })._ops
      let refusals = 2
      const sendmmsg = (...args: never[]) => (refusals-- > 0 ? -constants['ENOBUFS']! : ops['sendmmsg']!(...args))
      Object.defineProperty(sock, '_ops', { value: { ...ops, sendmmsg } })
      const recorder = await endpoint(loop, { sock })
      const peer = plainSocket(own)
      for (const text of ['lost', 'lost too', 'there']) recorder.endpoint.sendto(text, peer.getsockname())
      assert.equal(await receive(loop, peer), 'there')
      assert.deepEqual(
        recorder.errors.map(({ code }) => code),
        ['ENOBUFS', 'ENOBUFS'],
      )
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      await recorder.close()
    }))

  it('errorReceived may send, and throw', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const peer = plainSocket(own)
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.errorReceived
      recorder.errorReceived = (exc) => {
        noted.call(recorder, exc)
        recorder.endpoint.sendto(`error ${recorder.errors.length}`, peer.getsockname())
        throw new Error('from errorReceived')
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      for (let index = 0; index < 3; index++) recorder.endpoint.sendto('x', { host: '255.255.255.255', port: 9 })
      for (let index = 1; index <= 3; index++) assert.equal(await receive(loop, peer), `error ${index}`)
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message),
        new Array(3).fill('Exception in callback errorReceived'),
      )
      await recorder.close()
    }))
})
