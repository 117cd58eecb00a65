import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { BoundedSemaphore, CancelledError, createTask, Semaphore, sleep } from '../../src/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

/** Tasks that take a permit each and keep it. */
function takers(semaphore: Semaphore, numbers: number[], order: number[]) {
  return numbers.map((n) =>
    createTask(async () => {
      await semaphore.acquire()
      order.push(n)
    }),
  )
}

describe('Semaphore', () => {
  it('[SEMA-01] its value counts down; it is locked at zero', () =>
    run(async () => {
      const semaphore = new Semaphore(2)
      expect(semaphore.locked()).toBe(false)
      await semaphore.acquire()
      expect(inspect(semaphore)).toBe('<Semaphore [unlocked, value:1]>')
      await semaphore.acquire()
      expect(semaphore.locked()).toBe(true)
      expect(inspect(semaphore)).toBe('<Semaphore [locked]>')
      semaphore.release()
      expect(semaphore.locked()).toBe(false)
      // More than there were at first.
      semaphore.release()
      semaphore.release()
      expect(inspect(semaphore)).toBe('<Semaphore [unlocked, value:3]>')
      expect(new Semaphore().locked()).toBe(false)
      expect(new Semaphore(0).locked()).toBe(true)
    }))

  it('what acquire gives releases one permit, once', () =>
    run(async () => {
      const semaphore = new Semaphore(1)
      {
        using hold = await semaphore.acquire()
        expect(semaphore.locked()).toBe(true)
        hold[Symbol.dispose]()
      }
      expect(inspect(semaphore)).toBe('<Semaphore [unlocked, value:1]>')
    }))

  it('[SEMA-02] a value that is negative or no whole number is refused', () => {
    expect(() => new Semaphore(-1)).toThrow(RangeError)
    expect(() => new Semaphore(1.5)).toThrow(RangeError)
    expect(() => new Semaphore(Number.NaN)).toThrow(RangeError)
    expect(() => new Semaphore('1' as never)).toThrow(TypeError)
    expect(new Semaphore(Number.POSITIVE_INFINITY).locked()).toBe(false)
  })

  it('[SEMA-03] waiters get permits in their order; a newcomer does not overtake them though one is free', () =>
    run(async () => {
      const semaphore = new Semaphore(1)
      const order: string[] = []
      const take = async (name: string) => {
        using _ = await semaphore.acquire()
        order.push(`${name} in`)
        await sleep(0)
        order.push(`${name} out`)
      }
      const tasks = ['a', 'b', 'c'].map((name) => createTask(() => take(name)))
      await sleep(0)
      semaphore.release()
      tasks.push(createTask(() => take('d')))
      await Promise.all(tasks)
      expect(order.filter((line) => line.endsWith('in'))).toEqual(['a in', 'b in', 'c in', 'd in'])
    }))

  it('[SEMA-04] locked() stays true while one who was woken has not run yet', () =>
    run(async () => {
      const semaphore = new Semaphore(1)
      await semaphore.acquire()
      const waiting = createTask(() => semaphore.acquire())
      await sleep(0)
      semaphore.release()
      semaphore.release()
      // One permit was given away, another is free, and still the one in line is first.
      expect(semaphore.locked()).toBe(true)
      await waiting
      expect(semaphore.locked()).toBe(false)
    }))

  it('[SEMA-05] cancelled waiters swallow no permit', () =>
    run(async () => {
      const semaphore = new Semaphore(0)
      const order: number[] = []
      const tasks = takers(semaphore, [1, 2, 3, 4], order)
      await sleep(0)
      tasks[0]!.cancel()
      tasks[1]!.cancel()
      semaphore.release()
      await sleep(1)
      expect(order).toEqual([3])
      // Woken, and then cancelled before it ran.
      const more = takers(semaphore, [5], order)
      await sleep(0)
      semaphore.release()
      tasks[3]!.cancel()
      await Promise.all(more)
      expect(order).toEqual([3, 5])
      expect(inspect(semaphore)).toBe('<Semaphore [locked]>')
    }))

  it('[SEMA-06] a release that races with cancellations leaves nobody hanging', () =>
    run(async () => {
      const semaphore = new Semaphore(1)
      await semaphore.acquire()
      const order: number[] = []
      const tasks = takers(semaphore, [1, 2], order)
      await sleep(0)
      tasks[0]!.cancel()
      await sleep(0)
      semaphore.release()
      await tasks[1]
      expect(order).toEqual([2])
    }))

  it('[SEMA-07] several permits released at once wake as many waiters', () =>
    run(async () => {
      const semaphore = new Semaphore(0)
      const order: number[] = []
      const tasks = takers(semaphore, [1, 2, 3, 4], order)
      await sleep(0)
      semaphore.release()
      semaphore.release()
      semaphore.release()
      await sleep(0)
      expect(order).toEqual([1, 2, 3])
      semaphore.release()
      await Promise.all(tasks)
      expect(semaphore.locked()).toBe(true)
    }))

  it('[SEMA-07] permits that came while others were first go to those behind them', () =>
    run(async () => {
      const semaphore = new Semaphore(1)
      const order: number[] = []
      await semaphore.acquire()
      const first = takers(semaphore, [1], order)
      await sleep(0)
      semaphore.release()
      semaphore.release()
      // There is a free permit, but the first waiter has not run; they have to stand in line.
      const others = takers(semaphore, [2], order)
      await Promise.all([...first, ...others])
      expect(order).toEqual([1, 2])
      expect(semaphore.locked()).toBe(true)
    }))

  it('[SEMA-08] a bounded one refuses a release above its first value', () =>
    run(async () => {
      const semaphore = new BoundedSemaphore(2)
      expect(() => semaphore.release()).toThrow(RangeError)
      const hold = await semaphore.acquire()
      hold[Symbol.dispose]()
      hold[Symbol.dispose]()
      expect(() => semaphore.release()).toThrow('released too many times')
      expect(inspect(semaphore)).toBe('<BoundedSemaphore [unlocked, value:2]>')
    }))

  it('a signal ends the wait; a permit that was given stays', () =>
    run(async () => {
      const semaphore = new Semaphore(0)
      const abort = new AbortController()
      const tasks = [0, 1].map(() => createTask(() => semaphore.acquire({ signal: abort.signal })))
      await sleep(0)
      semaphore.release()
      abort.abort()
      await tasks[0]
      expect(await caught(tasks[1]!)).toBeInstanceOf(CancelledError)
      semaphore.release()
      expect(await caught(semaphore.acquire({ signal: abort.signal }))).toBeInstanceOf(CancelledError)
      expect(inspect(semaphore)).toBe('<Semaphore [unlocked, value:1]>')
    }))
})
