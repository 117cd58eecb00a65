import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CancelledError, createTask, Event, Lock, LoopError, sleep, type Task, waitFor } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('Lock', () => {
  it('[LOCK-01] acquire and release toggle locked(); release of a free one is an error', () =>
    run(async () => {
      const lock = new Lock()
      expect(lock.locked()).toBe(false)
      expect(() => lock.release()).toThrow(LoopError)
      await lock.acquire()
      expect(lock.locked()).toBe(true)
      lock.release()
      expect(lock.locked()).toBe(false)
      expect(() => lock.release()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_STATE' }))
    }))

  it('what acquire gives releases once, by using or by hand', () =>
    run(async () => {
      const lock = new Lock()
      {
        using _ = await lock.acquire()
        expect(lock.locked()).toBe(true)
      }
      expect(lock.locked()).toBe(false)
      const hold = await lock.acquire()
      hold[Symbol.dispose]()
      await lock.acquire()
      hold[Symbol.dispose]()
      expect(lock.locked()).toBe(true)
    }))

  it('using releases it when the block throws', () =>
    run(async () => {
      const lock = new Lock()
      const work = async () => {
        using _ = await lock.acquire()
        throw new Error('in the block')
      }
      await expect(work()).rejects.toThrow('in the block')
      expect(lock.locked()).toBe(false)
    }))

  it('[LOCK-02] waiters get it in the order in which they came', () =>
    run(async () => {
      const lock = new Lock()
      const order: number[] = []
      const hold = await lock.acquire()
      const tasks = [1, 2, 3].map((n) =>
        createTask(async () => {
          using _ = await lock.acquire()
          order.push(n)
          await sleep(n)
        }),
      )
      await sleep(0)
      expect(order).toEqual([])
      hold[Symbol.dispose]()
      for (const task of tasks) await task
      expect(order).toEqual([1, 2, 3])
      expect(lock.locked()).toBe(false)
    }))

  it('[LOCK-07] a newcomer does not overtake who was woken and has not run yet', () =>
    run(async () => {
      const lock = new Lock()
      const order: string[] = []
      await lock.acquire()
      const waiting = createTask(async () => {
        using _ = await lock.acquire()
        order.push('waited')
      })
      await sleep(0)
      lock.release()
      expect(lock.locked()).toBe(false)
      using _ = await lock.acquire()
      order.push('newcomer')
      expect(order).toEqual(['waited', 'newcomer'])
      await waiting
    }))

  it('[LOCK-03] a cancelled waiter leaves the line and loses no wake-up', () =>
    run(async () => {
      const lock = new Lock()
      const order: number[] = []
      await lock.acquire()
      const tasks = [1, 2, 3].map((n) =>
        createTask(async () => {
          await lock.acquire()
          order.push(n)
          lock.release()
        }),
      )
      await sleep(0)
      tasks[1]!.cancel()
      await sleep(0)
      expect(inspect(lock)).toBe('<Lock [locked, waiters:2]>')
      lock.release()
      await tasks[0]
      await tasks[2]
      expect(tasks[1]!.cancelled()).toBe(true)
      expect(order).toEqual([1, 3])
      expect(inspect(lock)).toBe('<Lock [unlocked]>')
    }))

  it('[LOCK-04] a release that races with the cancellation of the first waiter passes the lock to the next', () =>
    run(async () => {
      const lock = new Lock()
      await lock.acquire()
      const first = createTask(() => lock.acquire())
      const second = createTask(() => lock.acquire())
      await sleep(0)
      first.cancel()
      // The first waiter is cancelled and still stands in line.
      lock.release()
      await second
      expect(first.cancelled()).toBe(true)
      expect(lock.locked()).toBe(true)
    }))

  it('[LOCK-05] at most one gets the lock when it is released and a waiter cancelled in one pass', () =>
    run(async () => {
      const lock = new Lock()
      await lock.acquire()
      let holders = 0
      const acquire = async () => {
        await lock.acquire()
        holders++
      }
      const tasks = [createTask(acquire), createTask(acquire), createTask(acquire)]
      await sleep(0)
      lock.release()
      tasks[0]!.cancel()
      tasks[1]!.cancel()
      await sleep(10)
      expect(holders).toBe(1)
      expect(tasks.map((task) => task.done())).toEqual([true, true, true])
      expect(tasks[2]!.cancelled()).toBe(false)
    }))

  it('[LOCK-06] a waiter that was woken and then cancelled hands over to the next', () =>
    run(async () => {
      const lock = new Lock()
      await lock.acquire()
      const first = createTask(() => lock.acquire())
      const second = createTask(() => lock.acquire())
      await sleep(0)
      lock.release()
      first.cancel()
      await second
      expect(first.cancelled()).toBe(true)
      expect(lock.locked()).toBe(true)
      expect(second.done()).toBe(true)
    }))

  it('a waiter cancelled while a new holder has the lock wakes nobody', () =>
    run(async () => {
      const lock = new Lock()
      await lock.acquire()
      const first: Task<Disposable> = createTask(() => lock.acquire())
      const second = createTask(() => lock.acquire())
      await sleep(0)
      first.cancel()
      await sleep(0)
      expect(second.done()).toBe(false)
      lock.release()
      await second
    }))

  it('when all who waited are cancelled a newcomer gets a free lock at once', () =>
    run(async () => {
      const lock = new Lock()
      await lock.acquire()
      const waiting = createTask(() => lock.acquire())
      await sleep(0)
      waiting.cancel()
      lock.release()
      let acquired = false
      const newcomer = lock.acquire().then(() => {
        acquired = true
      })
      await Promise.resolve()
      await Promise.resolve()
      expect(acquired).toBe(true)
      await newcomer
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
    }))

  it('a wait with a timeout that succeeds leaves the lock held, one that fails leaves it to the others', () =>
    run(async () => {
      const lock = new Lock()
      await waitFor(() => lock.acquire(), 10)
      const tasks = [5, 15, 20].map((ms) => createTask(() => waitFor(() => lock.acquire(), ms)))
      await sleep(10)
      lock.release()
      expect((await caught(tasks[0]!))?.name).toBe('TimeoutError')
      await tasks[1]
      expect((await caught(tasks[2]!))?.name).toBe('TimeoutError')
      expect(lock.locked()).toBe(true)
    }))

  it('a signal ends the wait for it', () =>
    run(async () => {
      const lock = new Lock()
      const reason = new Error('enough')
      expect(await caught(lock.acquire({ signal: AbortSignal.abort(reason) }))).toMatchObject({ cause: reason })
      expect(lock.locked()).toBe(false)
      await lock.acquire()
      const abort = new AbortController()
      const aborted = createTask(() => lock.acquire({ signal: abort.signal }))
      const next = createTask(() => lock.acquire())
      await sleep(0)
      abort.abort(reason)
      lock.release()
      await next
      const error = await caught(aborted)
      expect(error).toBeInstanceOf(CancelledError)
      expect(error).toMatchObject({ cause: reason })
    }))

  it('[LOCK-08] is made without a loop, and belongs to the one in which somebody waited', async () => {
    const lock = new Lock()
    const release = new Event()
    await run(async () => {
      await lock.acquire()
      const waiting = createTask(() => lock.acquire())
      await sleep(0)
      lock.release()
      await waiting
    })
    const other = new VirtualClockEventLoop()
    try {
      const error = await other.runUntilComplete(() => caught(lock.acquire()))
      expect(error).toMatchObject({ name: 'LoopError', code: 'ERR_LOOP_FOREIGN' })
      expect(error?.message).toContain('is bound to a different event loop')
      // Nobody waited for this one, so it is nobody's yet.
      release.set()
      await other.runUntilComplete(() => release.wait())
    } finally {
      other.close()
    }
  })
})
