// What a platform cannot do says so, and what it can do beyond asyncio works.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Feature,
  getRunningLoop,
  NotImplementedError,
  ProactorEventLoop,
  recvFds,
  run,
  SelectorEventLoop,
  SelectSelector,
  type Socket,
  sendFds,
  setEventLoopPolicy,
  sleep,
  socketpair,
  WindowsProactorEventLoopPolicy,
  WindowsSelectorEventLoopPolicy,
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
          assert.equal(error.backend, loop.backend.name)
          assert.match(error.hint, /127\.0\.0\.1/)
          return true
        }
        assert.throws(() => loop.createUnixConnection(() => ({}), { path: 'x' }), isClear)
        assert.throws(() => loop.createUnixServer(() => ({}), { path: 'x' }), isClear)
      }),
  )

  it(
    'Unix datagrams where there are none: NotImplementedError, with what to use instead',
    { skip: supports('unixDatagrams') && 'this platform has Unix datagram sockets' },
    () =>
      withinLoop(async ({ loop }) => {
        assert.throws(() => loop.createDatagramEndpoint(() => ({}), { localAddr: 'x' }), {
          name: 'NotImplementedError',
          feature: 'unixDatagrams',
          hint: /127\.0\.0\.1/,
        })
      }),
  )

  it(
    'what comes beside data, where it is not told: NotImplementedError, with what to use instead',
    { skip: supports('ancillaryData') && 'this platform tells it' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair()
        own(mine)
        own(peer)
        const clear = (feature: Feature) => (error: NotImplementedError) => {
          assert.ok(error instanceof NotImplementedError)
          assert.equal(loop.supports(feature), false)
          assert.equal(error.feature, feature)
          assert.ok(error.hint.length > 0)
          return true
        }
        const message = { level: 1, type: 1, data: Buffer.alloc(4) }
        assert.throws(() => mine.sendmsg(['x'], [message]), clear('ancillaryData'))
        assert.throws(() => mine.recvmsg(10, 100), clear('ancillaryData'))
        assert.throws(() => sendFds(mine, ['x'], [0]), clear('passDescriptors'))
        assert.throws(() => recvFds(mine, 10, 1), clear('passDescriptors'))
        const localAddr = { host: '127.0.0.1', port: 0 }
        assert.throws(
          () => loop.createDatagramEndpoint(() => ({}), { localAddr, packetInfo: true }),
          clear('packetInfo'),
        )
        // Without any of it they are what they are elsewhere.
        assert.equal(mine.sendmsg(['whole ', 'message']), 13)
        assert.equal(String((await loop.sockRecv(peer, 100)) as Buffer), 'whole message')
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

  it('[PL-04] select() of Windows: the 513th socket is refused at the call, and the other 512 go on', {
    skip: !isWindows && 'of Windows',
  }, async () => {
    const loop = new SelectorEventLoop(new SelectSelector())
    const sockets: Socket[] = []
    try {
      await loop.runUntilComplete(async () => {
        let told = 0
        for (let pair = 0; pair < 257; pair++) sockets.push(...socketpair())
        for (const sock of sockets.slice(0, 512)) loop.addReader(sock, () => void (told += sock.recv(10).length))
        assert.throws(() => loop.addReader(sockets[512]!, () => {}), {
          code: 'EMFILE',
          message: /512 sockets: use AfdSelector/,
        })
        for (const sock of sockets.slice(0, 512)) sock.send('x')
        while (told < 512) await sleep(1)
        for (const sock of sockets.slice(0, 512)) loop.removeReader(sock)
      })
    } finally {
      loop.close()
      for (const sock of sockets) sock.close()
    }
  })

  it('[PL-02] the selector loops of Windows have no pipes and no subprocesses, and say what to use', {
    skip: !isWindows && 'of Windows',
  }, async () => {
    const loop = new SelectorEventLoop()
    assert.equal(loop.backend.name, process.env['LOOP_BACKEND'] === 'select' ? 'select' : 'afd')
    assert.equal(loop.backend.package, '@loop/selector-win')
    try {
      await loop.runUntilComplete(async () => {
        for (const attempt of [
          () => loop.connectReadPipe(() => ({}), 0),
          () => loop.connectWritePipe(() => ({}), 1),
          () => loop.subprocessExec(() => ({}), ['x']),
        ])
          assert.throws(attempt, (error) => error instanceof NotImplementedError && error.hint.length > 0)
      })
    } finally {
      loop.close()
    }
  })

  it('the loop of this platform, and of its policy', async () => {
    const loop = newLoop()
    const expected = loopKind() === 'proactor' ? ProactorEventLoop : SelectorEventLoop
    assert.ok(loop instanceof expected)
    loop.close()
    if (!isWindows) {
      assert.throws(() => new WindowsProactorEventLoopPolicy(), NotImplementedError)
      return
    }
    setEventLoopPolicy(new WindowsSelectorEventLoopPolicy())
    assert.ok((await run(async () => getRunningLoop())) instanceof SelectorEventLoop)
    setEventLoopPolicy(new WindowsProactorEventLoopPolicy())
    try {
      assert.ok((await run(async () => getRunningLoop())) instanceof ProactorEventLoop)
    } finally {
      setEventLoopPolicy(null)
    }
    const chosen = await run(async () => getRunningLoop(), { loopFactory: () => new ProactorEventLoop() })
    assert.equal(chosen.backend.name, 'iocp')
    assert.equal(chosen.backend.package, '@loop/proactor-win')
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
        assert.ok(Math.min(...lateness) >= -0.5, `${Math.min(...lateness)} ms early`)
        // Whoever waits for ticks goes on at one, and so is 12.6 ms late the next time, and each time; a busy machine is so now and then.
        const best = Math.min(...lateness.slice(1))
        assert.ok(best < 8, `${best} ms late at best`)
      }),
  )
})
