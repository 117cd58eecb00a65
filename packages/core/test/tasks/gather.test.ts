import { describe, expect, expectTypeOf, it } from 'vitest'
import { CancelledError, createTask, currentTask, type Future, gather, sleep } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at
const failing = async () => {
  await sleep(10)
  throw new RangeError('failed')
}

describe('results', () => {
  it('[GATH-01] come in the order of the arguments', () =>
    run(async () => {
      const results = await gather([
        () => sleep(30, 'a'),
        () => sleep(10, 'b'),
        Promise.resolve('c'),
        createTask(() => sleep(20, 'd')),
      ])
      expect(results).toEqual(['a', 'b', 'c', 'd'])
      expect(at.loop.time()).toBe(30)
    }))

  it('have the types that Promise.all gives them', () =>
    run(async () => {
      const future = at.loop.createFuture<boolean>()
      future.setResult(true)
      const mixed = gather([async () => 1, future, Promise.resolve('text')])
      expectTypeOf(mixed).toEqualTypeOf<Future<[number, boolean, string]>>()
      expect(await mixed).toEqual([1, true, 'text'])
      const collected = gather([async () => 1, async () => 'text'], { returnExceptions: true })
      expectTypeOf(collected).toEqualTypeOf<Future<[number | Error, string | Error]>>()
      expect(await collected).toEqual([1, 'text'])
      const many = gather([1, 2, 3].map((n) => () => sleep(n, n)))
      expectTypeOf(many).toEqualTypeOf<Future<number[]>>()
      expect(await many).toEqual([1, 2, 3])
      const iterated = gather(new Set([async () => 1]))
      expectTypeOf(iterated).toEqualTypeOf<Future<number[]>>()
      expect(await iterated).toEqual([1])
    }))

  it('[GATH-04] of nothing are an empty list', () =>
    run(async () => {
      const future = gather([])
      expect(future.done()).toBe(true)
      expect(await future).toEqual([])
    }))

  it('[GATH-09] what appears twice runs once and is at both places', () =>
    run(async () => {
      let runs = 0
      const work = async () => ++runs
      const task = createTask(() => sleep(1, 'task'))
      expect(await gather([work, task, work, task])).toEqual([1, 'task', 1, 'task'])
      expect(runs).toBe(1)
    }))

  it('[GATH-12] of children that are done come at once', () =>
    run(async () => {
      const [a, b] = [at.loop.createFuture<number>(), at.loop.createFuture<number>()]
      a.setResult(1)
      b.setResult(2)
      const future = gather([a, b])
      expect(future.done()).toBe(true)
      expect(await future).toEqual([1, 2])
      const c = at.loop.createFuture<number>()
      const partly = gather([a, c])
      expect(partly.done()).toBe(false)
      c.setResult(3)
      expect(await partly).toEqual([1, 3])
    }))
})

describe('errors', () => {
  it('[GATH-02] the first is thrown at once, the others go on', () =>
    run(async () => {
      const slow = createTask(() => sleep(100, 'slow'))
      expect(await caught(gather([slow, failing]))).toMatchObject({ message: 'failed' })
      expect(at.loop.time()).toBe(10)
      expect(slow.done()).toBe(false)
      expect(await slow).toBe('slow')
    }))

  it('[GATH-02] those after the first are not reported', () =>
    run(async () => {
      const later = async () => {
        await sleep(20)
        throw new Error('later')
      }
      await caught(gather([failing, later]))
      await sleep(100)
      expect(at.reports).toEqual([])
    }))

  it('[GATH-03] returnExceptions makes them values', () =>
    run(async () => {
      const results = await gather([failing, async () => 1], { returnExceptions: true })
      expect(results).toEqual([expect.objectContaining({ message: 'failed' }), 1])
    }))

  it('[GATH-05] a cancelled child is a CancelledError for who waits, who is not cancelled', () =>
    run(async () => {
      const child = createTask(() => sleep(1000))
      const other = createTask(() => sleep(100, 'other'))
      at.loop.callLater(10, () => child.cancel())
      expect(await caught(gather([child, other]))).toBeInstanceOf(CancelledError)
      expect(currentTask()?.cancelling()).toBe(0)
      expect(await other).toBe('other')
    }))

  it('[GATH-06] with returnExceptions a cancelled child is a CancelledError among the results', () =>
    run(async () => {
      const child = createTask(() => sleep(1000))
      at.loop.callLater(10, () => child.cancel('why'))
      const [first, second] = await gather([child, async () => 1], { returnExceptions: true })
      expect(first).toBeInstanceOf(CancelledError)
      expect(first).toMatchObject({ message: 'why' })
      expect(second).toBe(1)
    }))

  it('[GATH-10] futures of different loops are an error', () =>
    run(async () => {
      const other = new VirtualClockEventLoop()
      expect(() => gather([at.loop.createFuture(), other.createFuture()])).toThrow(RangeError)
      other.close()
    }))

  it('refuses what cannot be awaited', () =>
    run(async () => {
      expect(() => gather([42 as never])).toThrow(TypeError)
      expect(() => gather((async () => {}) as never)).toThrow(TypeError)
    }))
})

describe('cancelling', () => {
  it.each([false, true])('[GATH-07] reaches every child and the waiter, returnExceptions %s', (returnExceptions) =>
    run(async () => {
      const stubborn = createTask(async () => {
        await caught(sleep(1000))
        return 'swallowed'
      })
      const child = createTask(() => sleep(1000))
      const done = createTask(async () => 'done')
      const future = gather([stubborn, child, done], { returnExceptions })
      await sleep(1)
      expect(future.cancel()).toBe(true)
      expect(await caught(future)).toBeInstanceOf(CancelledError)
      expect(child.cancelled()).toBe(true)
      expect(done.result()).toBe('done')
      expect(await stubborn).toBe('swallowed')
    }),
  )

  it('[GATH-07] cancelling who awaits it reaches every child', () =>
    run(async () => {
      const children = [createTask(() => sleep(1000)), createTask(() => sleep(1000))]
      const task = createTask(async () => void (await gather(children)))
      await sleep(1)
      task.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(task.cancelled()).toBe(true)
      expect(children.every((child) => child.cancelled())).toBe(true)
    }))

  it('[GATH-07] is told even if every child swallows it', () =>
    run(async () => {
      const future = gather([async () => void (await caught(sleep(1000)))], { returnExceptions: true })
      await sleep(1)
      future.cancel()
      expect(await caught(future)).toBeInstanceOf(CancelledError)
    }))

  it('[GATH-08] the future ends as failed, not as cancelled, and the message is kept', () =>
    run(async () => {
      const future = gather([() => sleep(1000)])
      await sleep(1)
      future.cancel('why')
      expect(await caught(future)).toMatchObject({ name: 'CancelledError', message: 'why' })
      expect(future.done()).toBe(true)
      expect(future.cancelled()).toBe(false)
    }))

  it('[GATH-11] gives false once every child is done', () =>
    run(async () => {
      const child = at.loop.createFuture<number>()
      const future = gather([child])
      child.setResult(1)
      expect(future.done()).toBe(false)
      expect(future.cancel()).toBe(false)
      expect(await future).toEqual([1])
    }))
})
