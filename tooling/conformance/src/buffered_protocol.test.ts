// Protocols that receive straight into their own memory.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BufferedProtocol, EventLoop } from '@loop/core'
import { addressOf, Recorder, transportAndPeer } from './recorder.js'
import { withinLoop } from './within_loop.js'

/** Receives into one buffer of `size` bytes and notes each turn. */
class Buffered extends Recorder implements BufferedProtocol {
  readonly memory: Buffer
  readonly hints: number[] = []

  constructor(loop: EventLoop, size: number) {
    super(loop)
    this.memory = Buffer.alloc(size)
  }

  getBuffer(sizeHint: number): Uint8Array {
    this.hints.push(sizeHint)
    return this.memory
  }

  bufferUpdated(count: number): void {
    super.dataReceived(Buffer.from(this.memory.subarray(0, count)))
  }
}

describe('buffered protocols', () => {
  it('[BUFF-01] getBuffer(-1) gives the memory and bufferUpdated(n) tells how much was filled', () =>
    withinLoop(async ({ loop, own }) => {
      const protocol = new Buffered(loop, 100)
      const [transport, peer] = await transportAndPeer(loop, own, protocol)
      peer.send('hello')
      await protocol.until(() => protocol.text === 'hello')
      // A proactor knows how much has come.
      assert.deepEqual(protocol.hints, [loop.backend.kind === 'proactor' ? 5 : -1])
      assert.equal(protocol.memory.toString('latin1', 0, 5), 'hello')
      peer.shutdown('SHUT_WR')
      assert.equal(await protocol.ended(), null)
      assert.deepEqual(protocol.events, ['made', 'data', 'eof', 'lost'])
      assert.equal(transport.isClosing(), true)
    }))

  for (const [what, memory] of [
    ['an empty buffer', Buffer.alloc(0)],
    ['something else than bytes', 'text'],
  ] as const) {
    it(`[BUFF-02] ${what} from getBuffer is fatal`, () =>
      withinLoop(async ({ loop, own, reports }) => {
        const protocol = new Buffered(loop, 10)
        protocol.getBuffer = () => memory as never
        const [, peer] = await transportAndPeer(loop, own, protocol)
        peer.send('x')
        assert.ok((await protocol.ended()) instanceof Error)
        assert.equal(reports.splice(0)[0]?.message, 'Fatal error: protocol.getBuffer() call failed.')
      }))
  }

  for (const method of ['getBuffer', 'bufferUpdated', 'eofReceived'] as const) {
    it(`[BUFF-03] an exception in ${method} is fatal`, () =>
      withinLoop(async ({ loop, own, reports }) => {
        const protocol = new Buffered(loop, 10)
        const failure = new Error(`in ${method}`)
        protocol[method] = () => {
          throw failure
        }
        const [, peer] = await transportAndPeer(loop, own, protocol)
        peer.send('x')
        peer.shutdown('SHUT_WR')
        assert.equal(await protocol.ended(), failure)
        const [report] = reports.splice(0)
        assert.equal(report?.message, `Fatal error: protocol.${method}() call failed.`)
        assert.equal(report?.exception, failure)
      }))
  }

  it('[BUFF-04] echo from end to end', () =>
    withinLoop(async ({ loop }) => {
      const server = await loop.createServer(
        () => {
          const echo = new Buffered(loop, 1000)
          echo.bufferUpdated = (count) => echo.transport.write(echo.memory.subarray(0, count))
          return echo
        },
        { host: '127.0.0.1', port: 0 },
      )
      const client = new Buffered(loop, 777)
      const [transport] = await loop.createConnection(() => client, addressOf(server))
      const data = Buffer.alloc(300_000, 'The quick brown fox. ')
      transport.write(data)
      await client.until(() => client.received === data.length)
      assert.ok(Buffer.concat(client.chunks).equals(data))
      transport.close()
      await client.ended()
      server.close()
      await server.waitClosed()
    }))

  it('[BUFF-05] much data in a small buffer repeats getBuffer and bufferUpdated', () =>
    withinLoop(async ({ loop, own }) => {
      const protocol = new Buffered(loop, 7)
      const [transport, peer] = await transportAndPeer(loop, own, protocol)
      const data = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
      await loop.sockSendall(peer, data)
      await protocol.until(() => protocol.received === data.length)
      assert.ok(Buffer.concat(protocol.chunks).equals(data))
      assert.equal(protocol.hints.length, Math.ceil(1000 / 7))
      transport.close()
      await protocol.ended()
    }))
})
