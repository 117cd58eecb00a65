import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Future,
  sleep,
  type Task,
  wait,
} from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at
const failing = async (delay: number) => {
  await sleep(delay)
  throw new RangeError('failed')
}

describe('wait', () => {
  it('[WAIT2-01] gives sets of the very futures that are done', () =>
    run(async () => {
      const [a, b] = [createTask(() => sleep(10, 'a')), createTask(() => sleep(20, 'b'))]
      const { done, pending } = await wait([a, b, a])
      expect([...done]).toEqual([a, b])
      expect(pending.size).toBe(0)
      expect(at.loop.time()).toBe(20)
    }))

  it('[WAIT2-02] a timeout gives what is still pending, untouched', () =>
    run(async () => {
      const [a, b] = [createTask(() => sleep(10, 'a')), createTask(() => sleep(100, 'b'))]
      const { done, pending } = await wait([a, b], { timeout: 50 })
      expect([...done]).toEqual([a])
      expect([...pending]).toEqual([b])
      expect(b.cancelling()).toBe(0)
      expect(await b).toBe('b')
    }))

  it('[WAIT2-03] FIRST_COMPLETED returns when one is done', () =>
    run(async () => {
      const [a, b] = [createTask(() => sleep(100)), createTask(() => sleep(10))]
      const { done, pending } = await wait([a, b], { returnWhen: FIRST_COMPLETED })
      expect([[...done], [...pending]]).toEqual([[b], [a]])
      expect(at.loop.time()).toBe(10)
      await a
    }))

  it('[WAIT2-04] several that end in the same pass are all done', () =>
    run(async () => {
      const [a, b] = [at.loop.createFuture<number>(), at.loop.createFuture<number>()]
      at.loop.callLater(10, () => {
        a.setResult(1)
        b.setResult(2)
      })
      const { done } = await wait([a, b], { returnWhen: FIRST_COMPLETED })
      expect([...done]).toEqual([a, b])
    }))

  it('[WAIT2-05] FIRST_EXCEPTION returns at the first error; a cancelled task is none', () =>
    run(async () => {
      const [cancelled, failed, slow] = [
        createTask(() => sleep(1000)),
        createTask(() => failing(20)),
        createTask(() => sleep(100)),
      ]
      at.loop.callLater(10, () => cancelled.cancel())
      const { done, pending } = await wait<Task>([cancelled, failed, slow], { returnWhen: FIRST_EXCEPTION })
      expect([[...done], [...pending]]).toEqual([[cancelled, failed], [slow]])
      expect(at.loop.time()).toBe(20)
      await slow
    }))

  it('[WAIT2-05] FIRST_EXCEPTION without an error waits for all', () =>
    run(async () => {
      const tasks = [createTask(() => sleep(10)), createTask(() => sleep(20))]
      const { pending } = await wait(tasks, { returnWhen: FIRST_EXCEPTION })
      expect(pending.size).toBe(0)
      expect(at.loop.time()).toBe(20)
    }))

  it('[WAIT2-06] FIRST_EXCEPTION with a task that failed before returns at once', () =>
    run(async () => {
      const [failed, slow] = [createTask(() => failing(1)), createTask(() => sleep(100))]
      await sleep(10)
      const { done, pending } = await wait<Task>([failed, slow], { returnWhen: FIRST_EXCEPTION })
      expect([[...done], [...pending]]).toEqual([[failed], [slow]])
      expect(at.loop.time()).toBe(10)
      await slow
    }))

  it('[WAIT2-07] an empty set is a RangeError, a single future or function a TypeError, at the call', () =>
    run(async () => {
      expect(() => wait([])).toThrow(RangeError)
      expect(() => wait(at.loop.createFuture() as never)).toThrow(TypeError)
      expect(() => wait((async () => {}) as never)).toThrow(TypeError)
      const future = at.loop.createFuture()
      expect(() => wait([future], { returnWhen: 'SOMETIMES' as never })).toThrow(RangeError)
      expect(() => wait([future], { timeout: Number.NaN })).toThrow(RangeError)
    }))

  it('[WAIT2-08] async functions and promises inside are a TypeError', () =>
    run(async () => {
      expect(() => wait([async () => {}] as never)).toThrow(/createTask/)
      expect(() => wait([Promise.resolve()] as never)).toThrow(TypeError)
    }))

  it('[WAIT2-09] takes iterators and generators', () =>
    run(async () => {
      function* tasks() {
        for (const delay of [1, 2]) yield createTask(() => sleep(delay, delay))
      }
      const { done } = await wait(tasks())
      expect([...done].map((task) => task.result())).toEqual([1, 2])
      expect((await wait(new Set(done).values())).done.size).toBe(2)
    }))

  it('[WAIT2-10] cancelling the wait leaves the futures alone and takes its callbacks away', () =>
    run(async () => {
      const future: Future<number> = at.loop.createFuture()
      const added: unknown[] = []
      const add = future.addDoneCallback.bind(future)
      future.addDoneCallback = (callback: never) => {
        added.push(callback)
        add(callback)
      }
      const task = createTask(() => wait([future], { timeout: 1000 }))
      await sleep(1)
      task.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(future.done()).toBe(false)
      expect(added.length).toBe(1)
      expect(future.removeDoneCallback(added[0] as never)).toBe(0)
    }))

  it('a signal that aborts ends the wait and nothing else', () =>
    run(async () => {
      const future = at.loop.createFuture()
      const error = await caught(wait([future], { signal: AbortSignal.abort('enough') }))
      expect(error).toBeInstanceOf(CancelledError)
      expect(future.done()).toBe(false)
    }))
})
