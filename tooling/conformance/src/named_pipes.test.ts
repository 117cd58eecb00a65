// Named pipes of Windows: servers, clients, and what happens when there are too few ends.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CancelledError,
  NotImplementedError,
  type ProactorEventLoop,
  type Protocol,
  sleep,
  type Transport,
} from '@loop/core'
import { Recorder } from './recorder.js'
import { type Ground, loopKind, supports, withinLoop } from './within_loop.js'

/** Set by tooling/wine. */
const underWine = process.env['LOOP_WINE'] === '1'
let count = 0
const name = () => `\\\\.\\pipe\\loop-test-${process.pid}-${count++}`

/** A ground whose loop has named pipes. */
type PipeGround = Ground & { loop: ProactorEventLoop }
const within = (body: (ground: PipeGround) => Promise<void>) => withinLoop((ground) => body(ground as PipeGround))

function echo(): Protocol {
  let transport: Transport
  return {
    connectionMade: (made) => void (transport = made as Transport),
    dataReceived: (data) => transport.write(data),
  }
}

describe('named pipes', { skip: !supports('namedPipes') && 'Windows’ proactor has them' }, () => {
  it(
    '[TP-14] a name that is taken is a permission error',
    { skip: underWine && 'Wine lets a name be taken twice' },
    () =>
      within(async ({ loop }) => {
        const address = name()
        const [server] = await loop.startServingPipe(echo, address)
        await assert.rejects(loop.startServingPipe(echo, address), { code: 'EPERM', path: address })
        server.close()
        const [again] = await loop.startServingPipe(echo, address)
        again.close()
      }),
  )

  it('[TP-15] several clients, each with an end of its own, and the clean end of all', () =>
    within(async ({ loop }) => {
      const address = name()
      const [server] = await loop.startServingPipe(echo, address)
      assert.equal(server.closed(), false)
      const clients: Recorder[] = []
      for (let client = 0; client < 5; client++) {
        const [transport, recorder] = await loop.createPipeConnection(() => new Recorder(loop), address)
        assert.equal(transport.canWriteEof(), false)
        assert.throws(() => transport.writeEof(), NotImplementedError)
        assert.equal(transport.getExtraInfo('addr' as never), address)
        clients.push(recorder)
      }
      for (const [index, { transport }] of clients.entries()) transport.write(`from ${index}`)
      for (const [index, client] of clients.entries()) await client.until(() => client.text === `from ${index}`)
      for (const { transport } of clients) transport.close()
      for (const client of clients) assert.equal(await client.ended(), null)
      server.close()
      server.close()
      assert.equal(server.closed(), true)
      await assert.rejects(loop.createPipeConnection(echo, address), { code: 'ENOENT', path: address })
    }))

  it('many bytes both ways, with pauses, and the end behind them', () =>
    within(async ({ loop }) => {
      const address = name()
      const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251))
      const served: Recorder[] = []
      const factory = () => {
        served.push(new Recorder(loop))
        return served.at(-1)!
      }
      const [server] = await loop.startServingPipe(factory, address)
      const [transport, client] = await loop.createPipeConnection(() => new Recorder(loop), address)
      while (served.length === 0 || served[0]!.events.length === 0) await sleep(1)
      const far = served[0]!
      transport.write(bytes)
      far.transport.write(bytes)
      await far.until(() => far.received > 100_000)
      far.transport.pauseReading()
      await sleep(5)
      far.transport.resumeReading()
      for (const end of [far, client]) await end.until(() => end.received === bytes.length)
      for (const end of [far, client]) assert.ok(Buffer.concat(end.chunks).equals(bytes))
      assert.ok(client.events.includes('pause') && client.events.includes('resume'))
      far.transport.close()
      assert.equal(await client.ended(), null)
      assert.ok(client.events.includes('eof'))
      server.close()
    }))

  it('[TP-16] a client of a pipe whose ends are taken waits, and can be cancelled', () =>
    within(async ({ loop }) => {
      const address = name()
      const [server] = await loop.startServingPipe(echo, address)
      // The server's one end is taken, and it has had no turn to make another.
      const [first, second] = [0, 1].map(() => loop.createPipeConnection(() => new Recorder(loop), address))
      const [transport] = await first!
      const [other] = await second!
      transport.close()
      other.close()
      server.close()
      while (!transport.isClosing()) await sleep(1)
      const task = loop.createTask(() => loop.createPipeConnection(echo, `${address}-none`))
      await assert.rejects(Promise.resolve(task), { code: 'ENOENT' })
      const waiting = loop.createTask(async () => {
        // Nobody serves it, but its last end is still there.
        const [held] = await loop.startServingPipe(echo, address)
        const [one] = await loop.createPipeConnection(() => new Recorder(loop), address)
        held.close()
        try {
          await loop.createPipeConnection(echo, address)
        } finally {
          one.close()
        }
      })
      await sleep(20)
      waiting.cancel()
      await assert.rejects(Promise.resolve(waiting), (error: NodeJS.ErrnoException) => {
        return error instanceof CancelledError || error.code === 'ENOENT'
      })
    }))

  it('what is wrong is said at the call', () =>
    within(async ({ loop }) => {
      for (const wrong of ['name', '\\\\.\\pipe\\', 'C:\\pipe\\x']) {
        assert.throws(() => loop.startServingPipe(echo, wrong), RangeError)
        assert.throws(() => loop.createPipeConnection(echo, wrong), RangeError)
      }
      assert.throws(() => loop.startServingPipe(echo, 1 as never), TypeError)
      assert.throws(() => loop.createPipeConnection(1 as never, name()), TypeError)
    }))

  it('a loop that closes with a server and connections leaves nothing', () => {
    const address = name()
    return within(async ({ loop }) => {
      await loop.startServingPipe(echo, address)
      const [transport] = await loop.createPipeConnection(() => ({}), address)
      transport.write(Buffer.alloc(1_000_000))
    }).then(() =>
      within(async ({ loop }) => {
        const [server] = await loop.startServingPipe(echo, address)
        server.close()
      }),
    )
  })
})

describe('named pipes elsewhere', {
  skip: (supports('namedPipes') || loopKind() === 'selector') && 'of proactors without them',
}, () => {
  it('are not implemented, and say what to use', () =>
    within(async ({ loop }) => {
      assert.throws(() => loop.startServingPipe(echo, name()), NotImplementedError)
      assert.throws(() => loop.createPipeConnection(echo, name()), NotImplementedError)
    }))
})
