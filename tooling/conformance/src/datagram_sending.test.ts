// What datagram transports send over real sockets: to whom, and of what.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, type InetAddress, Socket, sleep, socketpair } from '@loop/core'
import { closedPort, endpoint, loopback, nameOf, plainSocket, receive } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

const { SOCK_DGRAM } = constants as Record<string, number>

describe('datagram transports: sending', () => {
  it('[DATA-01] a datagram leaves at once', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      await sleep(0)
      recorder.endpoint.sendto('now')
      assert.equal(peer.recv(10).toString(), 'now')
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      await recorder.close()
    }))

  it('the memory that was sent may be reused at once', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      const data = Buffer.from('x')
      for (const letter of ['a', 'b', 'c']) {
        data.write(letter)
        recorder.endpoint.sendto(data)
      }
      data.write('-')
      for (const letter of ['a', 'b', 'c']) assert.equal(await receive(loop, peer), letter)
      await recorder.close()
    }))

  it('[DATA-02] empty datagrams are sent, at once and later', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      for (const text of ['', '', 'x', '', 'xx']) sender.endpoint.sendto(text)
      assert.deepEqual(await receiver.arrived(5), ['', '', 'x', '', 'xx'])
      await sender.close()
      await receiver.close()
    }))

  it('[DATA-03] of a connected endpoint the address is null or the connected one', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const name = peer.getsockname() as InetAddress
      const recorder = await endpoint(loop, { remoteAddr: name })
      recorder.endpoint.sendto('a')
      recorder.endpoint.sendto('b', null)
      recorder.endpoint.sendto('c', name)
      recorder.endpoint.sendto('d', { host: '127.0.0.1', port: name.port })
      for (const text of ['a', 'b', 'c', 'd']) assert.equal(await receive(loop, peer), text)
      const other = { host: '127.0.0.1', port: name.port ^ 1 }
      assert.throws(() => recorder.endpoint.sendto('e', other), {
        name: 'RangeError',
        message: /must be null or .*127/,
      })
      assert.deepEqual(recorder.transport.getExtraInfo('peername'), name)
      await recorder.close()
    }))

  it(
    '[DATA-03] the peer of a socket pair has no name, and needs none',
    { skip: process.platform === 'win32' && 'socket pairs of Windows have names' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        recorder.endpoint.sendto('hello')
        assert.equal(await receive(loop, peer), 'hello')
        assert.throws(() => recorder.endpoint.sendto('x', 'path'), RangeError)
        peer.send('back')
        await recorder.arrived(1)
        assert.deepEqual(recorder.senders, [null])
        await recorder.close()
      }),
  )

  it('an endpoint without a remote address needs one for each datagram', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop)
      assert.throws(() => recorder.endpoint.sendto('x'), { name: 'TypeError', message: /needs one for each/ })
      const bad: unknown[] = ['path', {}, { host: '127.0.0.1' }, { host: 1, port: 1 }, ['127.0.0.1', 1], 7]
      for (const address of bad) assert.throws(() => recorder.endpoint.sendto('x', address as never), TypeError)
      assert.throws(() => recorder.endpoint.sendto('x', { host: '127.0.0.1', port: 65536 }), RangeError)
      assert.throws(() => recorder.endpoint.sendto('x', { host: 'localhost', port: 1 }), { message: /resolve names/ })
      await recorder.close()
    }))

  it('[DATA-10] other data than bytes and strings is a type error', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { remoteAddr: closedPort() })
      for (const data of [undefined, null, 1, {}, [1], new Uint16Array(1), new ArrayBuffer(1)])
        assert.throws(() => recorder.endpoint.sendto(data as never), TypeError)
      assert.deepEqual(recorder.errors, [])
      await recorder.close()
    }))

  it('[DATA-07] close sends what was sent in the same pass', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      for (const text of ['1', '2', '3']) sender.endpoint.sendto(text)
      await sender.close()
      assert.deepEqual(await receiver.arrived(3), ['1', '2', '3'])
      await receiver.close()
    }))

  it('what was sent before the loop is closed leaves', async () => {
    const peer = new Socket({ type: SOCK_DGRAM! })
    peer.bind(loopback)
    await withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      for (const text of ['1', '2', '3']) recorder.endpoint.sendto(text)
    })
    for (const text of ['1', '2', '3']) assert.equal(peer.recv(10).toString(), text)
    peer.close()
  })
})
