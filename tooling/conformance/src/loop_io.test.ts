// What of the loop's scheduling needs real time or a real poller, and the loop as a guest of its host.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Future, newEventLoop, type Socket, sleep, socketpair } from '@loop/core'
import { withinLoop } from './within_loop.js'

async function withPair(body: (a: Socket, b: Socket) => Promise<void>): Promise<void> {
  const [a, b] = socketpair()
  try {
    await body(a, b)
  } finally {
    a.close()
    b.close()
  }
}

describe('timers in real time', () => {
  it('[LS-13] a sleep takes at least as long as was asked for, by the clock of the host', () =>
    withinLoop(async () => {
      for (const delay of [0.3, 1, 1.5, 7.7, 20]) {
        const began = process.hrtime.bigint()
        await sleep(delay)
        const elapsed = Number(process.hrtime.bigint() - began) / 1e6
        assert.ok(elapsed >= delay, `${elapsed} ms instead of ${delay}`)
      }
    }))

  it('[LEHA-10] debug mode reports what holds the loop, and not what waits', () =>
    withinLoop(async ({ loop }) => {
      loop.setDebug(true)
      loop.slowCallbackDuration = 500
      const warnings: string[] = []
      const note = (warning: Error) => warnings.push(warning.message)
      process.on('warning', note)
      await sleep(800)
      await sleep(0)
      assert.deepEqual(warnings, [])
      const blocked = performance.now()
      while (performance.now() - blocked < 600);
      await sleep(0)
      await new Promise((resolve) => setImmediate(resolve))
      process.off('warning', note)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, /took \d/)
    }))

  it('a loop that only waits uses no processor time', () =>
    withinLoop(async () => {
      await sleep(5)
      const before = process.cpuUsage()
      await sleep(300)
      const { user, system } = process.cpuUsage(before)
      assert.ok(user + system < 150_000, `${(user + system) / 1000} ms in 300 ms`)
    }))

  it('[LS-15] a timer far away does not keep nearer events from coming', () =>
    withinLoop(async ({ loop, own }) => {
      const far = loop.callLater(2 ** 40, () => assert.fail('in 35 years'))
      const never = loop.callLater(Number.POSITIVE_INFINITY, () => assert.fail('never'))
      const [a, b] = socketpair()
      own(a)
      own(b)
      const reading = loop.createTask(() => loop.sockRecv(a, 1))
      await sleep(2)
      b.send('x')
      assert.equal((await reading).toString(), 'x')
      far.cancel()
      never.cancel()
    }))

  it('[LS-19] a cancelled timer does not end the wait', () =>
    withinLoop(async ({ loop }) => {
      const cancelled = loop.callLater(5, () => assert.fail('cancelled'))
      cancelled.cancel()
      const began = loop.time()
      await sleep(20)
      assert.ok(loop.time() - began >= 20)
    }))
})

describe('stopping with events at hand', () => {
  it('[LS-23] a run that was stopped before polls once and runs what is ready', () =>
    withPair(async (a, b) => {
      const loop = newEventLoop()
      const called: string[] = []
      loop.addReader(a, () => called.push('reader'))
      loop.callSoon(() => called.push('callback'))
      b.send('x')
      loop.stop()
      await loop.runForever()
      assert.deepEqual(called, ['callback', 'reader'])
      loop.removeReader(a)
      loop.close()
    }))

  it('[LS-24] an event whose callback was queued when the loop stopped runs once after the restart', () =>
    withPair(async (a, b) => {
      const loop = newEventLoop()
      let calls = 0
      const read = () => {
        calls++
        assert.equal(a.recv(10).toString(), 'x')
      }
      loop.addReader(a, read)
      b.send('x')
      // Both runs poll and find the same event; the first ends before its reader, if it does, has run.
      loop.stop()
      await loop.runForever()
      loop.stop()
      await loop.runForever()
      assert.equal(calls, 1)
      loop.removeReader(a)
      loop.close()
    }))

  it('[LS-24] many stops and restarts lose no event and repeat none', () =>
    withPair(async (a, b) => {
      const loop = newEventLoop()
      let received = ''
      loop.addReader(a, () => {
        received += a.recv(1)
        loop.stop()
      })
      let sent = ''
      for (let i = 0; i < 100; i++) {
        b.send(String(i % 10))
        sent += i % 10
        if (i % 3 === 0) loop.callSoon(() => loop.stop())
        await loop.runForever()
      }
      while (received.length < sent.length) await loop.runForever()
      assert.equal(received, sent)
      loop.removeReader(a)
      loop.close()
    }))
})

describe('a guest of the host', () => {
  it('[EFTD-05] host callbacks end waits of the loop, and the loop ends waits of the host', () =>
    withinLoop(async ({ loop }) => {
      const fromHost = (later: (callback: () => void) => void) => {
        const future: Future<string> = loop.createFuture()
        later(() => future.setResult('done'))
        return future
      }
      assert.equal(await fromHost((callback) => setTimeout(callback, 2)), 'done')
      assert.equal(await fromHost((callback) => setImmediate(callback)), 'done')
      assert.equal(await fromHost((callback) => process.nextTick(callback)), 'done')
      assert.equal(await fromHost((callback) => queueMicrotask(callback)), 'done')
      const toHost = new Promise<string>((resolve) => loop.callLater(2, () => resolve('done')))
      assert.equal(await toHost, 'done')
    }))

  it('[EFTD-05] descriptors and deadlines of both sides go on beside each other', () =>
    withinLoop(async ({ loop, own }) => {
      const [a, b] = socketpair()
      own(a)
      own(b)
      let hostTicks = 0
      const ticking = setInterval(() => void hostTicks++, 1)
      // Each takes Wine a millisecond.
      const rounds = process.platform === 'win32' ? 200 : 2000
      const echo = loop.createTask(async () => {
        for (let i = 0; i < rounds; i++) await loop.sockSendall(b, await loop.sockRecv(b, 10))
      })
      const began = performance.now()
      for (let i = 0; i < rounds || performance.now() - began < 30; i++) {
        if (i >= rounds) {
          await sleep(1)
          continue
        }
        await loop.sockSendall(a, 'ping')
        assert.equal((await loop.sockRecv(a, 10)).toString(), 'ping')
      }
      await echo
      clearInterval(ticking)
      assert.ok(hostTicks > 0)
    }))

  it('[EFTD-06] an earlier deadline or a callback set from the host ends the wait at once', () =>
    withinLoop(async ({ loop }) => {
      const far = loop.callLater(60_000, () => {})
      const began = loop.time()
      const earlier = loop.createFuture<void>()
      setTimeout(() => loop.callLater(3, () => earlier.setResult()), 2)
      await earlier
      const soon = loop.createFuture<void>()
      setTimeout(() => loop.callSoon(() => soon.setResult()), 2)
      await soon
      const cancelled = loop.createTask(() => sleep(60_000))
      setTimeout(() => cancelled.cancel(), 2)
      await assert.rejects(cancelled)
      assert.ok(loop.time() - began < 30_000)
      far.cancel()
    }))

  it('[EFTD-06] a reader added from the host is watched at once', () =>
    withinLoop(async ({ loop, own }) => {
      const [a, b] = socketpair()
      own(a)
      own(b).send('x')
      const read = loop.createFuture<void>()
      setTimeout(() => {
        loop.addReader(a, () => {
          loop.removeReader(a)
          read.setResult()
        })
      }, 2)
      await read
    }))
})
