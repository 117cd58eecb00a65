// What a platform cannot do says so, and what it can do beyond asyncio works.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  getRunningLoop,
  NotImplementedError,
  ProactorEventLoop,
  run,
  SelectorEventLoop,
  setEventLoopPolicy,
  sleep,
  socketpair,
  WindowsProactorEventLoopPolicy,
} from '@loop/core'
import { loopKind, newLoop, supports, withinLoop } from './within_loop.js'

const isWindows = process.platform === 'win32'

describe('limits of the platform', () => {
  it(
    '[PL-01] Unix sockets where there are none: NotImplementedError, with what to use instead',
    { skip: supports('unixSockets') && 'this platform has Unix sockets' },
    () =>
      withinLoop(async ({ loop }) => {
        const isClear = (error: NotImplementedError) => {
          assert.ok(error instanceof NotImplementedError)
          assert.equal(error.feature, 'unixSockets')
          assert.equal(error.backend, loop.backend.name)
          assert.match(error.hint, /127\.0\.0\.1/)
          return true
        }
        assert.throws(() => loop.createUnixConnection(() => ({}), { path: 'x' }), isClear)
        assert.throws(() => loop.createUnixServer(() => ({}), { path: 'x' }), isClear)
      }),
  )

  it(
    '[PL-01] signals: those that the host can tell of have handlers, others are refused',
    { skip: !isWindows && 'of Windows' },
    () =>
      withinLoop(async ({ loop }) => {
        assert.equal(loop.supports('addSignalHandler'), true)
        for (const signal of ['SIGINT', 'SIGBREAK', 'SIGHUP'] as const) {
          loop.addSignalHandler(signal, () => {})
          assert.equal(loop.removeSignalHandler(signal), true)
        }
        assert.throws(() => loop.addSignalHandler('SIGKILL', () => {}))
      }),
  )

  it(
    '[PL-03] a proactor watches sockets, and says so of what it cannot watch',
    { skip: loopKind() === 'selector' && 'of a proactor' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair()
        own(mine)
        own(peer)
        const seen: string[] = []
        loop.addWriter(mine, () => {
          seen.push('writable')
          loop.removeWriter(mine)
        })
        loop.addReader(mine, () => {
          seen.push(String(mine.recv(10)))
        })
        while (!seen.includes('writable')) await sleep(1)
        peer.send('one')
        while (!seen.includes('one')) await sleep(1)
        // It comes as long as the socket is ready, as a selector's does.
        peer.send('twothree')
        while (seen.join('').length < 'writableonetwothree'.length) await sleep(1)
        assert.equal(loop.removeReader(mine), true)
        assert.equal(loop.removeReader(mine), false)
        if (isWindows) assert.throws(() => loop.addReader(1, () => {}), { code: 'ENOTSOCK', message: /readiness/ })
      }),
  )

  it('the loop of this platform, and of its policy', async () => {
    const loop = newLoop()
    const expected = loopKind() === 'proactor' ? ProactorEventLoop : SelectorEventLoop
    assert.ok(loop instanceof expected)
    loop.close()
    if (!isWindows) {
      assert.throws(() => new WindowsProactorEventLoopPolicy(), NotImplementedError)
      return
    }
    setEventLoopPolicy(new WindowsProactorEventLoopPolicy())
    try {
      assert.ok((await run(async () => getRunningLoop())) instanceof ProactorEventLoop)
    } finally {
      setEventLoopPolicy(null)
    }
    const chosen = await run(async () => getRunningLoop(), { loopFactory: () => new ProactorEventLoop() })
    assert.equal(chosen.backend.name, 'iocp')
    assert.equal(chosen.isClosed(), true)
  })

  it(
    'timers are no later than the system makes them',
    { skip: !isWindows && 'of Windows, whose usual timers have 15.6 ms' },
    () =>
      withinLoop(async ({ loop }) => {
        const lateness: number[] = []
        for (let time = 0; time < 50; time++) {
          const began = loop.time()
          await sleep(3)
          lateness.push(loop.time() - began - 3)
        }
        const median = lateness.sort((a, b) => a - b)[25]!
        assert.ok(Math.min(...lateness) >= -0.5, `${Math.min(...lateness)} ms early`)
        // A tick would make it at least 4.8 ms on average.
        assert.ok(median < 8, `${median} ms late`)
      }),
  )
})
