import { describe, expect, it } from 'vitest'
import { type BufferedProtocol, newEventLoop, type Socket, sleep, socketpair, type Transport } from '../../src/index.js'
import type { Greedy } from '../../src/transports/stream_transport.js'

/** Notes in which pass of the loop its buffer of four bytes was filled, and how far. */
class Filling implements BufferedProtocol, Greedy {
  readonly _mostReads = 3
  readonly #buffer = Buffer.alloc(4)
  readonly passes: number[] = []
  readonly counts: number[] = []
  pass = 0
  transport: Transport | null = null
  onFilled: () => void = () => {}

  connectionMade(transport: Transport) {
    this.transport = transport
  }

  getBuffer() {
    return this.#buffer
  }

  bufferUpdated(count: number) {
    this.counts.push(count)
    this.passes.push(this.pass)
    this.onFilled()
  }
}

/** Runs `body` with a protocol that `data` has come for. */
async function received(data: string, body: (protocol: Filling, peer: Socket) => void) {
  using loop = newEventLoop()
  const [mine, peer] = socketpair()
  const protocol = new Filling()
  await loop.runUntilComplete(async () => {
    peer.send(data)
    body(protocol, peer)
    await loop.connectAcceptedSocket(() => protocol, mine)
    for (; protocol.pass < 20; protocol.pass++) await sleep(0)
    protocol.transport!.abort()
    peer.close()
    await sleep(0)
  })
  return protocol
}

// Windows' proactor has one operation under way for each connection, and no readiness to use up.
describe.skipIf(process.platform === 'win32')('a buffered protocol that wants more than its buffer holds', () => {
  it('has it filled again in the same turn, so many times, and not again when it was not full', async () => {
    const { counts, passes } = await received('x'.repeat(18), () => {})
    expect(counts).toEqual([4, 4, 4, 4, 2])
    expect(new Set(passes.slice(0, 3)).size).toBe(1)
    expect(new Set(passes.slice(3)).size).toBe(1)
    expect(passes[3]).toBeGreaterThan(passes[0]!)
  })

  it('is left alone once it has paused reading', async () => {
    const { counts } = await received('x'.repeat(12), (protocol) => {
      protocol.onFilled = () => protocol.transport!.pauseReading()
    })
    expect(counts).toEqual([4])
  })

  it('is left alone once another protocol has taken its place', async () => {
    const next = new Filling()
    const { counts } = await received('x'.repeat(6), (protocol) => {
      protocol.onFilled = () => protocol.transport!.setProtocol(next)
    })
    expect([counts, next.counts]).toEqual([[4], [2]])
  })
})
