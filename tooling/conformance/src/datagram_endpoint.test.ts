// Datagram endpoints for code that awaits.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Address,
  constants,
  type DatagramEndpoint,
  type InetAddress,
  LoopError,
  openDatagramEndpoint,
  type SystemError,
  sleep,
  socketpair,
  TaskGroup,
} from '@loop/core'
import { closedPort, loopback, plainSocket, receive } from './datagram_recorder.js'
import { supports, withinLoop } from './within_loop.js'

const fillsUnixSocket = process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux'

const nameOf = (endpoint: DatagramEndpoint) => endpoint.getExtraInfo('sockname') as InetAddress

/** Waits until `condition` holds, a pass of the loop at a time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(0)
}

describe('openDatagramEndpoint', () => {
  it('sends and receives', () =>
    withinLoop(async () => {
      const server = await openDatagramEndpoint({ localAddr: loopback })
      const client = await openDatagramEndpoint({ remoteAddr: nameOf(server) })
      await client.send('question')
      const [question, asker] = await server.receive()
      assert.deepEqual([question.toString(), asker], ['question', nameOf(client)])
      await server.send('answer', asker)
      assert.deepEqual(await client.receive(), [Buffer.from('answer'), nameOf(server)])
      client.close()
      server.close()
      await client.waitClosed()
      await server.waitClosed()
    }))

  it('is iterated until it is closed', () =>
    withinLoop(async ({ own }) => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      const peer = plainSocket(own)
      const received: [string, Address][] = []
      await TaskGroup.run(async (group) => {
        group.createTask(async () => {
          for await (const [data, addr] of endpoint) received.push([data.toString(), addr])
        })
        for (const text of ['1', '2', '3']) peer.sendto(text, nameOf(endpoint))
        await until(() => received.length === 3)
        endpoint.close()
      })
      assert.deepEqual(
        received,
        ['1', '2', '3'].map((text) => [text, peer.getsockname()]),
      )
      await endpoint.waitClosed()
    }))

  it('leaving the iteration does not close it', () =>
    withinLoop(async ({ own }) => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      const peer = plainSocket(own)
      for (const text of ['1', '2']) peer.sendto(text, nameOf(endpoint))
      for await (const [data] of endpoint) {
        assert.equal(data.toString(), '1')
        break
      }
      assert.equal((await endpoint.receive())[0].toString(), '2')
      await endpoint[Symbol.asyncDispose]()
      assert.equal(endpoint.isClosing(), true)
    }))

  it('drops and counts what comes when as many as may wait are waiting', () =>
    withinLoop(async ({ own }) => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback, queueSize: 3 })
      const peer = plainSocket(own)
      for (let index = 0; index < 10; index++) peer.sendto(String(index), nameOf(endpoint))
      await until(() => endpoint.dropped === 7)
      for (const text of ['0', '1', '2']) assert.equal((await endpoint.receive())[0].toString(), text)
      peer.sendto('room again', nameOf(endpoint))
      assert.equal((await endpoint.receive())[0].toString(), 'room again')
      assert.equal(endpoint.dropped, 7)
      await endpoint[Symbol.asyncDispose]()
    }))

  it('a cancelled receive loses no datagram', () =>
    withinLoop(async ({ loop, own }) => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      const peer = plainSocket(own)
      const task = loop.createTask(() => endpoint.receive())
      await sleep(0)
      peer.sendto('kept', nameOf(endpoint))
      task.cancel()
      await assert.rejects(task, { name: 'CancelledError' })
      assert.equal((await endpoint.receive())[0].toString(), 'kept')
      const abort = new AbortController()
      const aborted = endpoint.receive({ signal: abort.signal })
      abort.abort()
      await assert.rejects(aborted, { name: 'CancelledError' })
      await endpoint[Symbol.asyncDispose]()
    }))

  it('closing ends those who wait', () =>
    withinLoop(async () => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      const waiting = endpoint.receive()
      endpoint.close()
      await assert.rejects(waiting, { name: 'LoopError', message: /closed/ })
      await assert.rejects(endpoint.receive(), LoopError)
      await assert.rejects(Promise.resolve(endpoint.send('x', loopback)), LoopError)
      for await (const _ of endpoint) assert.fail('nothing comes after close')
      await endpoint.waitClosed()
    }))

  it(
    'a dead peer is told to whoever waits, and the endpoint goes on',
    { skip: process.platform === 'win32' && 'Wine does not tell of dead peers' },
    () =>
      withinLoop(async ({ own }) => {
        const name = closedPort()
        const endpoint = await openDatagramEndpoint({ remoteAddr: name })
        await endpoint.send('anybody?')
        await assert.rejects(endpoint.receive(), { code: 'ECONNREFUSED' })
        const peer = plainSocket(own, name)
        await endpoint.send('now?')
        const [, asker] = peer.recvfrom(100)
        peer.sendto('yes', asker)
        assert.equal((await endpoint.receive())[0].toString(), 'yes')
        await endpoint[Symbol.asyncDispose]()
      }),
  )

  it('what the system refuses rejects the send that is awaited', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      const refused = { host: '255.255.255.255', port: 9 }
      await assert.rejects(Promise.resolve(endpoint.send('x', refused)), { code: 'EACCES' })
      await assert.rejects(Promise.resolve(endpoint.send(Buffer.alloc(70_000), peer.getsockname())), {
        code: 'EMSGSIZE',
      })
      // Not awaited: nobody is told, until somebody awaits.
      endpoint.send('x', refused)
      await assert.rejects(Promise.resolve(endpoint.send('good', peer.getsockname())), { code: 'EACCES' })
      assert.equal(await receive(loop, peer), 'good')
      endpoint.send('x', refused)
      // A server is not ended by one client that cannot be reached.
      peer.sendto('next', nameOf(endpoint))
      assert.equal((await endpoint.receive())[0].toString(), 'next')
      await endpoint[Symbol.asyncDispose]()
    }))

  it('an awaited send waits while the buffer is above high water', { skip: fillsUnixSocket }, () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair({ type: constants['SOCK_DGRAM']! })
      own(peer)
      const endpoint = await openDatagramEndpoint({ sock: mine })
      endpoint.transport.setWriteBufferLimits({ high: 100, low: 10 })
      let sent = 0
      const task = loop.createTask(async () => {
        for (; sent < 1000; sent++) await endpoint.send(String(sent))
      })
      await until(() => endpoint.transport.getWriteBufferSize() > 100)
      const stopped = sent
      for (let pass = 0; pass < 10; pass++) await sleep(0)
      assert.equal(sent, stopped)
      for (let index = 0; index < 1000; index++) assert.equal(await receive(loop, peer), String(index))
      await task
      await endpoint[Symbol.asyncDispose]()
    }),
  )

  it('a task that only sends lets others have their turn', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const endpoint = await openDatagramEndpoint({ remoteAddr: peer.getsockname() as InetAddress })
      let ended = false
      loop.callLater(20, () => {
        ended = true
      })
      while (!ended) await endpoint.send('again')
      await endpoint[Symbol.asyncDispose]()
    }))

  it('with packetInfo it is the third of what comes', { skip: !supports('packetInfo') && 'not told on Windows' }, () =>
    withinLoop(async ({ own }) => {
      const endpoint = await openDatagramEndpoint({ localAddr: loopback, packetInfo: true })
      plainSocket(own).sendto('x', nameOf(endpoint))
      const [, , info] = await endpoint.receive()
      assert.equal(info!.destination, '127.0.0.1')
      await endpoint[Symbol.asyncDispose]()
    }),
  )

  it('what cannot be is refused at the call', () =>
    withinLoop(async () => {
      for (const queueSize of [0, -1, 1.5, Number.NaN])
        assert.throws(() => openDatagramEndpoint({ localAddr: loopback, queueSize }), RangeError)
      assert.throws(() => openDatagramEndpoint({ localAddr: loopback, queueSize: '1' as never }), TypeError)
      assert.throws(() => openDatagramEndpoint({}), RangeError)
      // Wine binds to any address.
      if (process.platform !== 'win32') {
        await assert.rejects(
          openDatagramEndpoint({ localAddr: { host: '192.0.2.77', port: 0 } }),
          (error: SystemError) => {
            return error.code === 'EADDRNOTAVAIL'
          },
        )
      }
      const endpoint = await openDatagramEndpoint({ localAddr: loopback })
      assert.throws(() => endpoint.send('x'), TypeError)
      assert.throws(() => endpoint.send(1 as never, loopback), TypeError)
      await endpoint[Symbol.asyncDispose]()
    }))
})
