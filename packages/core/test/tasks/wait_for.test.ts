import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  currentTask,
  Queue,
  shield,
  sleep,
  TimeoutError,
  waitFor,
} from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('waitFor', () => {
  it('[WAIT-01] gives the result that comes in time', () =>
    run(async () => {
      expect(await waitFor(() => sleep(10, 'a'), 100)).toBe('a')
      expect(
        await waitFor(
          createTask(() => sleep(10, 'b')),
          100,
        ),
      ).toBe('b')
      expect(await waitFor(Promise.resolve('c'), 100)).toBe('c')
      expect(at.loop.time()).toBe(20)
    }))

  it('an async function runs in the current task', () =>
    run(async () => {
      const own = currentTask()
      expect(await waitFor(async () => currentTask() === own, 100)).toBe(true)
    }))

  it.each([
    ['a task', () => true],
    ['a function', () => false],
  ])('[WAIT-02] on timeout %s is cancelled and its clean-up awaited, then TimeoutError', (_what, asTask) =>
    run(async () => {
      const seen: string[] = []
      const work = async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(50)
          seen.push('cleaned up')
        }
      }
      const error = await caught(waitFor(asTask() ? createTask(work) : work, 10))
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ code: 'ETIMEDOUT', cause: expect.any(CancelledError) })
      expect(seen).toEqual(['cleaned up'])
      expect(at.loop.time()).toBe(60)
    }),
  )

  it.each([0, -1])('[WAIT-03] timeout %d with a future that is done gives its result', (timeout) =>
    run(async () => {
      const future = at.loop.createFuture<string>()
      future.setResult('done')
      expect(await waitFor(future, timeout)).toBe('done')
    }),
  )

  it.each([0, -1])('[WAIT-04] timeout %d never starts an async function', (timeout) =>
    run(async () => {
      let started = false
      const error = await caught(
        waitFor(async () => {
          started = true
        }, timeout),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error?.cause).toBeInstanceOf(CancelledError)
      expect(started).toBe(false)
    }),
  )

  it('[WAIT-05] timeout 0 cancels a future that is not done and waits for that', () =>
    run(async () => {
      const seen: string[] = []
      const task = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(50)
          seen.push('cleaned up')
        }
      })
      await sleep(0)
      expect(await caught(waitFor(task, 0))).toBeInstanceOf(TimeoutError)
      expect(seen).toEqual(['cleaned up'])
      expect(task.cancelled()).toBe(true)
    }))

  it('[WAIT-06] a null timeout waits as long as it takes', () =>
    run(async () => {
      expect(await waitFor(() => sleep(1e9, 'late'), null)).toBe('late')
    }))

  it('[WAIT-07] an error in answer to the timeout wins', () =>
    run(async () => {
      const mine = new RangeError('mine')
      const work = async () => {
        try {
          await sleep(1000)
        } catch {
          throw mine
        }
      }
      expect(await caught(waitFor(work, 10))).toBe(mine)
      expect(await caught(waitFor(createTask(work), 10))).toBe(mine)
    }))

  it('[WAIT-08] a value in answer to the timeout is returned', () =>
    run(async () => {
      const work = async () => {
        try {
          await sleep(1000)
        } catch {
          return 'all the same'
        }
        return 'late'
      }
      expect(await waitFor(work, 10)).toBe('all the same')
      expect(await waitFor(createTask(work), 10)).toBe('all the same')
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('[WAIT-09] cancelling the wait cancels the task that it waits for', () =>
    run(async () => {
      const inner = createTask(() => sleep(1000))
      const outer = createTask(() => waitFor(inner, 500))
      at.loop.callLater(10, () => outer.cancel())
      expect(await caught(outer)).toBeInstanceOf(CancelledError)
      expect(inner.cancelled()).toBe(true)
      expect(outer.cancelled()).toBe(true)
    }))

  it('[WAIT-10] what ends in the same pass as a cancellation of the wait stays done', () =>
    run(async () => {
      const inner = at.loop.createFuture<string>()
      const outer = createTask(() => waitFor(inner, 1000))
      await sleep(0)
      inner.setResult('done')
      outer.cancel()
      expect(await caught(outer)).toBeInstanceOf(CancelledError)
      expect(outer.cancelled()).toBe(true)
      expect(inner.result()).toBe('done')
    }))

  it('[WAIT-11] a shielded task goes on after the timeout', () =>
    run(async () => {
      const inner = createTask(() => sleep(100, 'done'))
      expect(await caught(waitFor(shield(inner), 10))).toBeInstanceOf(TimeoutError)
      expect(inner.done()).toBe(false)
      expect(await inner).toBe('done')
    }))

  it('[WAIT-12] an infinite timeout is none', () =>
    run(async () => {
      expect(await waitFor(() => sleep(10, 'done'), Number.POSITIVE_INFINITY)).toBe('done')
      const future = at.loop.createFuture<number>()
      at.loop.callLater(5, () => future.setResult(1))
      expect(await waitFor(future, Number.POSITIVE_INFINITY)).toBe(1)
    }))

  it('a promise of the host is left to itself when the time is over', () =>
    run(async () => {
      let reject: (error: Error) => void = () => {}
      const foreign = new Promise<never>((_resolve, no) => {
        reject = no
      })
      expect(await caught(waitFor(foreign, 10))).toBeInstanceOf(TimeoutError)
      // An unhandled rejection would fail the test run.
      reject(new Error('too late for anybody'))
      await sleep(1)
    }))

  it('a promise that resolves in the pass in which the time is over has not come for nothing', () =>
    run(async () => {
      let resolve: (value: string) => void = () => {}
      const foreign = new Promise<string>((yes) => {
        resolve = yes
      })
      // Before the timeout's own timer, and so before it in the pass.
      at.loop.callLater(10, () => resolve('just in time'))
      expect(await waitFor(foreign, 10)).toBe('just in time')
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it.each([
    ['with', 10],
    ['after', 10.5],
  ])('a get of a queue whose item comes %s the end of the time loses none', (_what, when) =>
    run(async () => {
      const queue = new Queue<string>()
      at.loop.callLater(10, () => at.loop.callAt(when, () => queue.putNowait('item')))
      const got = await Promise.resolve(waitFor(queue.get(), 10)).catch((error: Error) => error)
      await sleep(1)
      if (got instanceof TimeoutError) expect(queue.getNowait()).toBe('item')
      else expect(got).toBe('item')
      // Its wait is over as well: it takes no item that comes later.
      queue.putNowait('next')
      expect(queue.qsize()).toBe(1)
    }),
  )

  it('a get that was given its item and has not run when the time is over leaves it in the queue', () =>
    run(async () => {
      const queue = new Queue<string>()
      at.loop.callLater(10, () => queue.putNowait('item'))
      const error = await caught(waitFor(queue.get(), 10))
      expect(error).toBeInstanceOf(TimeoutError)
      // The task was cancelled before it could take the item, which stays where it is.
      expect(queue.getNowait()).toBe('item')
    }))

  it('timeout 0 gives what a promise has already, and ends a wait that it would have to begin', () =>
    run(async () => {
      const queue = new Queue<string>()
      queue.putNowait('there')
      expect(await waitFor(queue.get(), 0)).toBe('there')
      const work = async () => {
        await null
        await null
        return 'nearly'
      }
      expect(await waitFor(work(), 0)).toBe('nearly')
      expect(await caught(waitFor(Promise.reject(new RangeError('mine')), 0))).toMatchObject({ message: 'mine' })
      expect(await caught(waitFor(queue.get(), 0))).toBeInstanceOf(TimeoutError)
      queue.putNowait('later')
      expect(queue.qsize()).toBe(1)
    }))

  it('a cancellation in the pass in which a promise resolves is thrown', () =>
    run(async () => {
      let resolve: (value: string) => void = () => {}
      const foreign = new Promise<string>((yes) => {
        resolve = yes
      })
      const task = createTask(() => waitFor(foreign, 100))
      at.loop.callLater(10, () => {
        task.cancel()
        resolve('too late')
      })
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(task.cancelled()).toBe(true)
      expect(at.loop.time()).toBe(10)
    }))

  it('a signal that aborts ends the wait', () =>
    run(async () => {
      const controller = new AbortController()
      const task = createTask(() => sleep(1000))
      at.loop.callLater(5, () => controller.abort('enough'))
      const error = await caught(waitFor(task, 100, { signal: controller.signal }))
      expect(error).toBeInstanceOf(CancelledError)
      expect(error?.cause).toBe('enough')
      expect(task.cancelled()).toBe(true)
    }))

  it('refuses wrong arguments at the call', () =>
    run(async () => {
      expect(() => waitFor(42 as never, 10)).toThrow(TypeError)
      expect(() => waitFor(async () => {}, '10' as never)).toThrow(TypeError)
      expect(() => waitFor(async () => {}, Number.NaN)).toThrow(RangeError)
    }))
})
