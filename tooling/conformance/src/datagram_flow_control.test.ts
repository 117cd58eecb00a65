// What datagram transports do where a socket takes nothing any more: the buffer, its limits, and its end.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { constants, type EventLoop, type Socket, sleep, socketpair } from '@loop/core'
import { type DatagramRecorder, endpoint, plainSocket, receive } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

const { AF_UNIX, SOCK_DGRAM } = constants as Record<string, number>

const onLinux = { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' }

interface Pair {
  loop: EventLoop
  recorder: DatagramRecorder
  /** What reads only when it is told to. */
  peer: Socket
}

/** Runs `body` with an endpoint on one of two connected Unix sockets. */
const onPair = (body: (pair: Pair) => Promise<void>) =>
  withinLoop(async ({ loop, own }) => {
    const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
    own(peer)
    await body({ loop, recorder: await endpoint(loop, { sock: mine }), peer })
  })

/** The system took nothing any more: the receiver's queue, or the sender's buffer, is full. */
async function fill(recorder: DatagramRecorder, data: Buffer): Promise<number> {
  let sent = 0
  while (recorder.endpoint.getWriteBufferSize() === 0 && sent < 10_000) {
    recorder.endpoint.sendto(data)
    sent++
  }
  assert.ok(recorder.endpoint.getWriteBufferSize() > 0, 'the socket took 10,000 datagrams')
  return sent
}

describe('datagram transports: flow control', () => {
  it('[DATA-01] what would block is buffered, and order is kept', onLinux, () =>
    onPair(async ({ recorder, peer, loop }) => {
      const total = 500
      for (let index = 0; index < total; index++) recorder.endpoint.sendto(String(index))
      assert.ok(recorder.endpoint.getWriteBufferSize() > 0)
      for (let index = 0; index < total; index++) assert.equal(await receive(loop, peer), String(index))
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      await recorder.close()
    }),
  )

  it('[DATA-02] empty datagrams are sent from the buffer', onLinux, () =>
    onPair(async ({ recorder, peer, loop }) => {
      const before = await fill(recorder, Buffer.alloc(0))
      recorder.endpoint.sendto('')
      assert.equal(recorder.endpoint.getWriteBufferSize() % 8, 0)
      for (let index = 0; index <= before; index++) assert.equal(await receive(loop, peer), '')
      assert.throws(() => peer.recv(1), { code: 'EAGAIN' })
      await recorder.close()
    }),
  )

  it('[DATA-07] close sends what is queued', onLinux, () =>
    onPair(async ({ recorder, peer, loop }) => {
      const sent = await fill(recorder, Buffer.from('queued'))
      recorder.endpoint.sendto('last')
      recorder.endpoint.close()
      assert.equal(recorder.endpoint.isClosing(), true)
      for (let index = 0; index < sent; index++) assert.equal(await receive(loop, peer), 'queued')
      assert.equal(await receive(loop, peer), 'last')
      assert.equal(await recorder.ended(), null)
    }),
  )

  it('abort drops what is queued', onLinux, () =>
    onPair(async ({ recorder }) => {
      await fill(recorder, Buffer.from('x'))
      recorder.endpoint.abort()
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      assert.equal(await recorder.ended(), null)
      recorder.endpoint.sendto('too late')
    }),
  )

  it('[DATA-08] the buffer counts the bytes and 8 for each datagram, and pauses the protocol', onLinux, () =>
    onPair(async ({ recorder, peer, loop }) => {
      await fill(recorder, Buffer.alloc(100))
      const first = recorder.endpoint.getWriteBufferSize()
      assert.equal(first % 108, 0)
      recorder.endpoint.sendto(Buffer.alloc(92))
      assert.equal(recorder.endpoint.getWriteBufferSize(), first + 100)
      recorder.endpoint.sendto('')
      assert.equal(recorder.endpoint.getWriteBufferSize(), first + 108)
      recorder.endpoint.setWriteBufferLimits({ high: first + 200, low: first })
      assert.deepEqual(recorder.events, ['made'])
      recorder.endpoint.sendto(Buffer.alloc(200))
      recorder.endpoint.getWriteBufferSize()
      assert.deepEqual(recorder.events, ['made', 'pause'])
      while (recorder.events.at(-1) !== 'resume') {
        await receive(loop, peer)
        await sleep(0)
      }
      assert.ok(recorder.endpoint.getWriteBufferSize() <= first)
      recorder.endpoint.abort()
      await recorder.ended()
    }),
  )

  it('[DATA-09] the queue drains in one event as far as there is room', onLinux, () =>
    onPair(async ({ recorder, peer }) => {
      const sent = await fill(recorder, Buffer.from('x'))
      const room = sent - recorder.endpoint.getWriteBufferSize() / 9
      for (let index = 0; index < 3; index++) recorder.endpoint.sendto('x')
      const queued = recorder.endpoint.getWriteBufferSize() / 9
      for (let index = 0; index < room; index++) peer.recv(10)
      let passes = 0
      for (; recorder.endpoint.getWriteBufferSize() / 9 === queued; passes++) await sleep(0)
      assert.equal(recorder.endpoint.getWriteBufferSize() / 9, Math.max(0, queued - room), `after ${passes} passes`)
      recorder.endpoint.abort()
      await recorder.ended()
    }),
  )

  it('a full receiver of an unconnected Unix socket does not keep the loop busy', onLinux, () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own, `\0loop-full-${process.pid}`)
      const recorder = await endpoint(loop, { family: AF_UNIX! })
      const name = peer.getsockname()
      let sent = 0
      for (; recorder.endpoint.getWriteBufferSize() === 0; sent++) recorder.endpoint.sendto(String(sent), name)
      const transport = recorder.endpoint as unknown as { _drain(): void }
      const { _drain } = transport
      let attempts = 0
      transport._drain = () => {
        attempts++
        _drain.call(transport)
      }
      const start = loop.time()
      await sleep(200)
      const elapsed = loop.time() - start
      // One each millisecond at most; a loop that is kept busy makes tens in that time.
      assert.ok(attempts > 0 && attempts <= elapsed + 2, `${attempts} attempts in ${elapsed} ms`)
      for (let index = 0; index < sent; index++) assert.equal(await receive(loop, peer), String(index))
      await recorder.close()
    }),
  )
})
