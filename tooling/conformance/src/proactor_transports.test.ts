// Stream transports of a proactor over the system's own operations. What they do step by step is in core's tests, over a proactor
// that does what the test says.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EventLoop, type InetAddress, Socket, sleep, type Transport } from '@loop/core'
import { Recorder, readAll, readExactly, tcpPair } from './recorder.js'
import { underWay, underWayAre } from './under_way.js'
import { type Ground, loopKind, withinLoop } from './within_loop.js'

const skip = loopKind() === 'selector' && 'of a proactor'
/** More than the buffers of a connection hold. */
const much = 16_000_000
/** SO_LINGER of 0 seconds, on Windows two shorts: closing resets the connection. */
const resetOnClose = new Uint8Array(
  process.platform === 'win32' ? Uint16Array.of(1, 0).buffer : Int32Array.of(1, 0).buffer,
)

/** A transport whose peer is a plain socket. */
async function connected({ loop, own }: Ground): Promise<[Transport, Recorder, Socket]> {
  const [mine, peer] = await tcpPair(loop, own)
  const recorder = new Recorder(loop)
  const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
  return [transport, recorder, peer]
}

/** Passes in which whatever could happen would. */
async function passes(): Promise<void> {
  for (let pass = 0; pass < 20; pass++) await sleep(0)
}

async function closed(transport: Transport, recorder: Recorder): Promise<void> {
  transport.close()
  await recorder.ended()
}

const numbered = (size: number) => Buffer.alloc(size, Buffer.from(Array.from({ length: 251 }, (_, index) => index)))

/** Milliseconds; the bytes are many for a slow machine. */
const limit = 60_000
const within = (body: (ground: Ground) => Promise<void>) => withinLoop(body, limit)

async function reset(loop: EventLoop, address: InetAddress): Promise<void> {
  const sock = new Socket()
  await loop.sockConnect(sock, address)
  sock.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
  sock.close()
}

describe('stream transports of a proactor', { skip }, () => {
  it('[TP-01] one read is under way at a time, and what it brings comes in order', () =>
    within(async (ground) => {
      const { loop } = ground
      const before = underWay(loop)
      const [transport, recorder, peer] = await connected(ground)
      for (const text of ['one', 'two', 'three']) {
        await underWayAre(loop, before + 1)
        const length = recorder.received + text.length
        peer.send(text)
        await recorder.until(() => recorder.received === length)
      }
      assert.equal(recorder.text, 'onetwothree')
      await closed(transport, recorder)
      await underWayAre(loop, before)
    }))

  it('[TP-02] no bytes are the end of the stream', () =>
    within(async (ground) => {
      const [, recorder, peer] = await connected(ground)
      peer.send('all')
      peer.close()
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'data', 'eof', 'lost'])
    }))

  it('[TP-03] what comes while nobody reads is kept until somebody does', () =>
    within(async (ground) => {
      const [transport, recorder, peer] = await connected(ground)
      await passes()
      transport.pauseReading()
      peer.send('kept')
      await passes()
      assert.equal(recorder.received, 0)
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'kept')
      peer.send(', and more')
      await recorder.until(() => recorder.text === 'kept, and more')
      await closed(transport, recorder)
    }))

  it('[TP-04] one write is under way at a time; what is written meanwhile follows it', () =>
    within(async (ground) => {
      const { loop } = ground
      const before = underWay(loop)
      const [transport, recorder, peer] = await connected(ground)
      const bytes = numbered(much)
      for (const piece of [bytes.subarray(0, -2000), bytes.subarray(-2000, -1000), bytes.subarray(-1000)])
        transport.write(piece)
      // And one read.
      await underWayAre(loop, before + 2)
      const seen = await readExactly(loop, peer, much)
      assert.ok(seen.equals(bytes))
      await closed(transport, recorder)
    }))

  it('[TP-05] what is under way counts as buffered: the protocol is paused and resumed once', () =>
    within(async (ground) => {
      const [transport, recorder, peer] = await connected(ground)
      transport.setWriteBufferLimits({ high: 100_000, low: 1000 })
      transport.write(Buffer.alloc(much))
      assert.deepEqual(recorder.events, ['made', 'pause'])
      assert.ok(transport.getWriteBufferSize() > 100_000)
      await readExactly(ground.loop, peer, much)
      await recorder.until(() => recorder.events.includes('resume'))
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.deepEqual(recorder.events, ['made', 'pause', 'resume'])
      await closed(transport, recorder)
    }))

  it('[TP-06] a read that closing takes back is silent', () =>
    within(async (ground) => {
      const [transport, recorder] = await connected(ground)
      await passes()
      transport.close()
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }))

  it('[TP-07] a reset ends the connection with that error', () =>
    within(async (ground) => {
      const [, recorder, peer] = await connected(ground)
      await passes()
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      assert.equal(((await recorder.ended()) as NodeJS.ErrnoException).code, 'ECONNRESET')
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }))

  it('[TP-08] close waits for the write that is under way, and for what is buffered', () =>
    within(async (ground) => {
      const [transport, recorder, peer] = await connected(ground)
      const bytes = numbered(much)
      transport.write(bytes)
      transport.write('the end')
      transport.close()
      await passes()
      assert.equal(recorder.lost, undefined)
      const seen = await readAll(ground.loop, peer)
      assert.ok(seen.equals(Buffer.concat([bytes, Buffer.from('the end')])))
      assert.equal(await recorder.ended(), null)
    }))

  it('[TP-09] abort takes the read and the write back; connectionLost comes once', () =>
    within(async (ground) => {
      const { loop } = ground
      const before = underWay(loop)
      const [transport, recorder] = await connected(ground)
      transport.write(Buffer.alloc(much))
      await underWayAre(loop, before + 2)
      transport.abort()
      transport.abort()
      assert.equal(await recorder.ended(), null)
      await underWayAre(loop, before)
      await passes()
      assert.equal(recorder.events.filter((event) => event === 'lost').length, 1)
    }))

  it('[TP-10] writeEof ends the writing half behind what is under way', () =>
    within(async (ground) => {
      const [transport, recorder, peer] = await connected(ground)
      const bytes = numbered(much)
      transport.write(bytes)
      transport.writeEof()
      const seen = await readAll(ground.loop, peer)
      assert.ok(seen.equals(bytes))
      peer.send('an answer')
      await recorder.until(() => recorder.text === 'an answer')
      await closed(transport, recorder)
    }))

  it('[TP-11] a server goes on behind connections that were reset, and accepts none once it is closed', () =>
    within(async ({ loop, own }) => {
      const before = underWay(loop)
      const served: Recorder[] = []
      const factory = () => {
        served.push(new Recorder(loop))
        return served.at(-1)!
      }
      const server = await loop.createServer(factory, { host: '127.0.0.1', port: 0 })
      const address = server.sockets[0]!.getsockname() as InetAddress
      for (let count = 0; count < 20; count++) await reset(loop, address)
      const good = own(new Socket())
      await loop.sockConnect(good, address)
      good.send('served')
      while (!served.some(({ text }) => text === 'served')) await sleep(1)
      server.close()
      good.close()
      for (const recorder of served) await recorder.ended()
      await underWayAre(loop, before)
      const refused = loop.createConnection(() => ({}), { host: address.host, port: address.port })
      await assert.rejects(refused, { code: 'ECONNREFUSED' })
    }))
})
