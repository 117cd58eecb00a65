import { describe, expect, it } from 'vitest'
import { asCompleted, CancelledError, createTask, type Future, sleep, TimeoutError } from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('asCompleted', () => {
  it('[ASCO-01] gives results in the order in which they come', () =>
    run(async () => {
      const results: number[] = []
      for await (const future of asCompleted([30, 10, 20].map((delay) => () => sleep(delay, delay))))
        results.push(await future)
      expect(results).toEqual([10, 20, 30])
    }))

  it('[ASCO-01] and so does plain iteration', () =>
    run(async () => {
      const results: number[] = []
      for (const next of asCompleted([30, 10, 20].map((delay) => () => sleep(delay, delay)))) results.push(await next)
      expect(results).toEqual([10, 20, 30])
    }))

  it('[ASCO-02] gives the tasks and futures that were passed', () =>
    run(async () => {
      const task = createTask(() => sleep(20))
      const future = at.loop.createFuture<void>()
      at.loop.callLater(10, () => future.setResult())
      const seen: Future[] = []
      for await (const done of asCompleted([task, future])) {
        expect(done.done()).toBe(true)
        seen.push(done)
      }
      expect(seen[0]).toBe(future)
      expect(seen[1]).toBe(task)
      expect(seen.length).toBe(2)
    }))

  it('[ASCO-03] a timeout is a TimeoutError for what is missing, which goes on', () =>
    run(async () => {
      const [fast, slow] = [createTask(() => sleep(10, 'fast')), createTask(() => sleep(100, 'slow'))]
      const seen: unknown[] = []
      const loop = async () => {
        for await (const future of asCompleted([slow, fast], { timeout: 50 })) seen.push(await future)
      }
      expect(await caught(loop())).toBeInstanceOf(TimeoutError)
      expect(seen).toEqual(['fast'])
      expect(at.loop.time()).toBe(50)
      expect(await slow).toBe('slow')
    }))

  it('[ASCO-03] in plain iteration each missing one is a TimeoutError', () =>
    run(async () => {
      const tasks = [10, 100, 200].map((delay) => createTask(() => sleep(delay, delay)))
      const seen: unknown[] = []
      for (const next of asCompleted(tasks, { timeout: 50 }))
        seen.push(await Promise.resolve(next).catch((error) => error.name))
      expect(seen).toEqual([10, 'TimeoutError', 'TimeoutError'])
      await tasks[2]
    }))

  it('[ASCO-04] what appears twice comes once', () =>
    run(async () => {
      let runs = 0
      const work = async () => ++runs
      const task = createTask(() => sleep(1))
      let count = 0
      for await (const _future of asCompleted([work, task, work, task])) count++
      expect([runs, count]).toEqual([1, 2])
    }))

  it('[ASCO-05] places may be awaited in any order, or at the same time', () =>
    run(async () => {
      const [first, second] = [...asCompleted([() => sleep(20, 'b'), () => sleep(10, 'a')])]
      expect(await second).toBe('a')
      expect(await first).toBe('b')
      const places = [...asCompleted([() => sleep(20, 'b'), () => sleep(10, 'a')])]
      expect(await Promise.all(places)).toEqual(['a', 'b'])
    }))

  it('[ASCO-06] a lone awaitable is a TypeError', () =>
    run(async () => {
      expect(() => asCompleted(at.loop.createFuture() as never)).toThrow(TypeError)
      expect(() => asCompleted((async () => {}) as never)).toThrow(TypeError)
      expect(() => asCompleted(Promise.resolve() as never)).toThrow(TypeError)
      expect(() => asCompleted([42 as never])).toThrow(TypeError)
    }))

  it('leaving the iteration leaves nothing behind', () =>
    run(async () => {
      const [fast, slow] = [createTask(() => sleep(10)), createTask(() => sleep(100))]
      for await (const future of asCompleted([fast, slow], { timeout: 1000 })) {
        expect(future).toBe(fast)
        break
      }
      await slow
      await sleep(2000)
      expect(at.reports).toEqual([])
    }))

  it('a cancelled wait for the next one leaves it to the others', () =>
    run(async () => {
      const iterator = asCompleted([() => sleep(10, 'a'), () => sleep(20, 'b')])
      const waiting = createTask(async () => void (await iterator.next()))
      await sleep(1)
      waiting.cancel()
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
      const { value } = await iterator.next()
      expect(await value).toBe('a')
    }))
})
