// The pollers as the drivers use them: waited on by another thread, and with an armed deadline.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, backend, linux, openDescriptors, opened, pair, pollers, READ, sockets } from './addon.mjs'

const { UvDriver, WaiterThread } = backend.drivers
const x = Buffer.from('x')

/** Calls of the returned function end one `next` each. */
function signal() {
  let calls = 0
  let wake = () => {}
  const call = () => {
    calls++
    wake()
  }
  call.next = async () => {
    while (calls === 0) await new Promise((resolve) => (wake = resolve))
    calls--
  }
  return call
}

for (const [name, Poller] of Object.entries(pollers)) {
  describe(`${name} on a waiting thread`, () => {
    const setUp = (t) => {
      const poller = new Poller()
      const ready = signal()
      const waiter = new WaiterThread(poller, ready)
      waiter.ref()
      t.after(() => {
        waiter.close()
        poller.close()
      })
      return { poller, ready, waiter }
    }

    it('readiness ends the wait', async (t) => {
      const { poller, ready, waiter } = setUp(t)
      const [one, other] = pair(t)
      poller.add(one, 3, 1, READ)
      waiter.arm(Number.POSITIVE_INFINITY)
      sockets.send(other, x, 0, 1, 0)
      await ready.next()
      assert.equal(poller.wait(0), 1)
      assert.deepEqual([...poller.events.slice(0, 3)], [3, 1, READ])
    })

    it('a descriptor added, and an interest changed, during the wait are seen', async (t) => {
      const { poller, ready, waiter } = setUp(t)
      const fd = opened(t, linux.eventfd(1, 0))
      const readiness = async () => {
        for (;;) {
          await ready.next()
          if (poller.wait(0) > 0) return
          waiter.arm(Number.POSITIVE_INFINITY)
        }
      }
      waiter.arm(Number.POSITIVE_INFINITY)
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(poller.add(fd, 1, 1, READ), 0)
      await readiness()
      assert.equal(poller.modify(fd, 1, 2, 0), 0)
      waiter.arm(Number.POSITIVE_INFINITY)
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(poller.modify(fd, 1, 3, READ), 0)
      await readiness()
      assert.deepEqual([...poller.events.slice(0, 3)], [1, 3, READ])
    })

    it('what ends the wait is left for the loop to find', async (t) => {
      const { poller, ready, waiter } = setUp(t)
      const fd = linux.eventfd(0, 0)
      assert.equal(poller.add(fd, 1, 1, READ), 0)
      sockets.close(fd)
      // A closed descriptor is told of once, and epoll has forgotten it.
      if (name !== 'epoll') {
        waiter.arm(Number.POSITIVE_INFINITY)
        await ready.next()
        assert.equal(poller.wait(0), 1)
      }
      assert.equal(poller.wait(0), 0)
      assert.equal(poller.remove(fd), 0)
    })

    it('wake ends it, the timeout ends it', async (t) => {
      const { ready, waiter } = setUp(t)
      waiter.arm(Number.POSITIVE_INFINITY)
      waiter.wake()
      await ready.next()
      const before = performance.now()
      waiter.arm(5)
      await ready.next()
      assert.ok(performance.now() - before >= 5)
    })

    it('close during a wait gives every descriptor back', async () => {
      const before = openDescriptors()
      for (let round = 0; round < 50; round++) {
        const poller = new Poller()
        const waiter = new WaiterThread(poller, () => {})
        waiter.arm(Number.POSITIVE_INFINITY)
        if (round % 2) await new Promise(setImmediate)
        // In either order: the thread may be waiting on it at this moment.
        if (round % 4 < 2) poller.close()
        waiter.close()
        poller.close()
      }
      assert.equal(openDescriptors(), before)
    })

    it('changes from the loop while a thread waits are safe', async (t) => {
      const { poller, ready, waiter } = setUp(t)
      const [one, other] = pair(t)
      for (let round = 0; round < 3000; round++) {
        waiter.arm(1)
        poller.add(one, 1, round, READ)
        if (round % 3 === 0) sockets.send(other, x, 0, 1, 0)
        poller.modify(one, 1, round, 3)
        if (round % 2) waiter.wake()
        poller.remove(one)
        if (round % 64 === 0) await ready.next()
      }
      waiter.wake()
      let last
      while ((last = poller.wait(0)) === answer('EBUSY')) await new Promise(setImmediate)
      assert.equal(last, 0)
    })

    it('two waits at once are refused', async (t) => {
      const { poller, ready, waiter } = setUp(t)
      // Whoever comes second is refused, which may be the thread: it then ends its wait and is sent again.
      do {
        waiter.arm(Number.POSITIVE_INFINITY)
        await new Promise(setImmediate)
      } while (poller.wait(0) !== answer('EBUSY'))
      waiter.wake()
      await ready.next()
      while (poller.wait(0) === answer('EBUSY')) await new Promise(setImmediate)
      assert.equal(poller.wait(0), 0)
    })
  })
}

// Timers of epoll's own: contract.ts, TIME_DEADLINE.
describe('an armed deadline', { skip: UvDriver === undefined && 'this host has no libuv loop' }, () => {
  const now = () => Number(process.hrtime.bigint()) / 1e6

  const setUp = (t, runSlice) => {
    const poller = new pollers.epoll()
    const state = new Int32Array(8)
    const times = new Float64Array(2).fill(Number.POSITIVE_INFINITY)
    const driver = new UvDriver(poller, state, times, () => runSlice({ driver, state, times }))
    t.after(async () => {
      driver.close()
      // The host closes its handles in a later turn; the poller goes after them.
      await new Promise(setImmediate)
      poller.close()
    })
    return { driver, poller, state, times }
  }

  it('is kept to a fraction of a millisecond and never early', async (t) => {
    const delays = [0.1, 0.3, 0.7, 1.2, 2.5, 0.05, 4]
    const late = []
    let due = Number.POSITIVE_INFINITY
    await new Promise((resolve, reject) => {
      const { driver } = setUp(t, ({ times }) => {
        const at = now()
        if (Number.isFinite(due)) {
          if (at < due) return
          late.push(at - due)
        }
        if (delays.length === 0) {
          times[0] = Number.POSITIVE_INFINITY
          driver.stop()
          resolve()
          return
        }
        due = now() + delays.shift()
        times[0] = due
      })
      driver.start()
      t.after(() => reject(new Error('the deadline never came')))
    })
    assert.equal(late.length, 7)
    // The best of seven: machines are busy, but a clock of whole milliseconds would miss all of these.
    assert.ok(Math.min(...late) < 0.5, `late by ${late.map((value) => value.toFixed(2))} ms`)
  })

  it('a deadline that has passed, however long ago, is due at once', async (t) => {
    let entries = 0
    await new Promise((resolve) => {
      const { driver } = setUp(t, ({ times }) => {
        entries++
        if (entries === 1) times[0] = -1e9
        else if (entries === 2) times[0] = 0
        else {
          times[0] = Number.POSITIVE_INFINITY
          driver.stop()
          resolve()
        }
      })
      driver.start()
    })
    assert.equal(entries, 3)
  })
})
