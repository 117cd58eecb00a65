import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Barrier, BrokenBarrierError, CancelledError, createTask, gather, sleep, type Task } from '../../src/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

function arrivals(barrier: Barrier, count: number): Task<number>[] {
  return Array.from({ length: count }, () => createTask(() => barrier.wait()))
}

/** What each came to: its index, or its error's name. */
async function outcomes(tasks: Task<number>[]): Promise<(number | string)[]> {
  const results = await gather(tasks, { returnExceptions: true })
  return results.map((result) => (result instanceof Error ? result.name : result))
}

describe('Barrier', () => {
  it('refuses parties that are no whole number above 0', () => {
    expect(() => new Barrier(0)).toThrow(RangeError)
    expect(() => new Barrier(-1)).toThrow(RangeError)
    expect(() => new Barrier(1.5)).toThrow(RangeError)
    expect(() => new Barrier('2' as never)).toThrow(TypeError)
  })

  it('[BARR-01] wait goes on when all have come; their indexes are 0 to n-1', () =>
    run(async () => {
      const barrier = new Barrier(3)
      expect(barrier.parties).toBe(3)
      const tasks = arrivals(barrier, 2)
      await sleep(10)
      expect(tasks.some((task) => task.done())).toBe(false)
      tasks.push(...arrivals(barrier, 1))
      expect((await outcomes(tasks)).sort()).toEqual([0, 1, 2])
      // And again.
      expect((await outcomes(arrivals(barrier, 3))).sort()).toEqual([0, 1, 2])
      expect(await new Barrier(1).wait()).toBe(0)
    }))

  it('[BARR-02] nWaiting counts while it fills, and only then', () =>
    run(async () => {
      const barrier = new Barrier(3)
      const counts: number[] = []
      const wait = async () => {
        await barrier.wait()
        counts.push(barrier.nWaiting)
      }
      const tasks = [createTask(wait), createTask(wait)]
      await sleep(0)
      expect(barrier.nWaiting).toBe(2)
      expect(inspect(barrier)).toBe('<Barrier [filling, waiters:2/3]>')
      tasks.push(createTask(wait))
      await Promise.all(tasks)
      expect(counts).toEqual([0, 0, 0])
      expect(inspect(barrier)).toBe('<Barrier [filling, waiters:0/3]>')
    }))

  it('[BARR-03] a cancelled waiter is one less; the barrier is not broken', () =>
    run(async () => {
      const barrier = new Barrier(3)
      const tasks = arrivals(barrier, 2)
      await sleep(0)
      tasks[0]!.cancel()
      await sleep(1)
      expect(tasks[0]!.cancelled()).toBe(true)
      expect(barrier.nWaiting).toBe(1)
      expect(barrier.broken).toBe(false)
      tasks.push(...arrivals(barrier, 2))
      expect((await outcomes(tasks.slice(1))).sort()).toEqual([0, 1, 2])
    }))

  it('[BARR-04] who comes while it drains waits until it is empty', () =>
    run(async () => {
      const barrier = new Barrier(2)
      const seen: string[] = []
      const wait = (name: string) => async () => {
        await barrier.wait()
        seen.push(name)
      }
      const tasks = [createTask(wait('a'))]
      await sleep(0)
      // The second and third come in the same pass: the third finds it draining.
      tasks.push(createTask(wait('b')), createTask(wait('c')))
      await sleep(10)
      expect(seen.sort()).toEqual(['a', 'b'])
      expect(barrier.nWaiting).toBe(1)
      tasks.push(createTask(wait('d')))
      await Promise.all(tasks)
      expect(seen.slice(2).sort()).toEqual(['c', 'd'])
    }))

  it('[BARR-05] reset sends those who wait away and leaves it usable', () =>
    run(async () => {
      const barrier = new Barrier(3)
      const tasks = arrivals(barrier, 2)
      await sleep(0)
      await barrier.reset()
      expect(await outcomes(tasks)).toEqual(['BrokenBarrierError', 'BrokenBarrierError'])
      expect(barrier.broken).toBe(false)
      expect((await outcomes(arrivals(barrier, 3))).sort()).toEqual([0, 1, 2])
      await barrier.reset()
      expect(barrier.nWaiting).toBe(0)
    }))

  it('[BARR-06] abort breaks it for those who wait and those who come, until it is reset', () =>
    run(async () => {
      const barrier = new Barrier(3)
      const tasks = arrivals(barrier, 2)
      await sleep(0)
      await barrier.abort()
      expect(barrier.broken).toBe(true)
      expect(inspect(barrier)).toBe('<Barrier [broken]>')
      expect(await outcomes(tasks)).toEqual(['BrokenBarrierError', 'BrokenBarrierError'])
      const error = await caught(barrier.wait())
      expect(error).toBeInstanceOf(BrokenBarrierError)
      expect(error).toMatchObject({ code: 'ERR_BROKEN_BARRIER' })
      await barrier.reset()
      expect(barrier.broken).toBe(false)
      expect((await outcomes(arrivals(barrier, 3))).sort()).toEqual([0, 1, 2])
    }))

  it('[BARR-07] abort while half of them leave and half wait to be let in hits both halves', () =>
    run(async () => {
      const barrier = new Barrier(2)
      const leaving = arrivals(barrier, 2)
      const blocked = arrivals(barrier, 2)
      // In this pass the barrier fills, begins to drain, and the other two wait for its end.
      const aborting = createTask(() => barrier.abort())
      await aborting
      const ends = await outcomes([...leaving, ...blocked])
      expect(barrier.broken).toBe(true)
      // The last of the first two had arrived, and has its index; the one who waited for it was not out yet.
      expect(ends).toEqual(['BrokenBarrierError', 1, 'BrokenBarrierError', 'BrokenBarrierError'])
      expect(barrier.nWaiting).toBe(0)
    }))

  it('reset while it drains: those who wait to be let in are let in afterwards', () =>
    run(async () => {
      const barrier = new Barrier(2)
      const tasks = arrivals(barrier, 3)
      await createTask(() => barrier.reset())
      tasks.push(...arrivals(barrier, 1))
      expect(await outcomes(tasks)).toEqual(['BrokenBarrierError', 1, 0, 1])
    }))

  it('a signal ends the wait of one', () =>
    run(async () => {
      const barrier = new Barrier(2)
      const abort = new AbortController()
      const waiting = createTask(() => barrier.wait({ signal: abort.signal }))
      await sleep(0)
      abort.abort()
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
      expect(barrier.nWaiting).toBe(0)
      expect((await outcomes(arrivals(barrier, 2))).sort()).toEqual([0, 1])
    }))
})
