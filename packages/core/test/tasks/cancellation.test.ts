import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CancelledError, type Future, Lock, Queue, sleep, type Task } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
const run = <T>(main: () => Promise<T>) => loop.runUntilComplete(main)
const caught = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => null,
    (error: Error) => error,
  )

beforeEach(() => {
  loop = new VirtualClockEventLoop()
})

afterEach(() => loop.close())

describe('cancellation', () => {
  it('[TC-01] throws CancelledError at the await, however deep', () =>
    run(async () => {
      const seen: string[] = []
      const deep = async () => {
        try {
          await loop.createFuture()
        } catch (error) {
          seen.push((error as Error).name)
          throw error
        }
      }
      const task = loop.createTask(async () => {
        await (async () => {
          await deep()
        })()
      })
      await sleep(0)
      expect(task.cancel()).toBe(true)
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(seen).toEqual(['CancelledError'])
      expect(task.cancelled()).toBe(true)
    }))

  it('[TC-02] a task cancelled before it started never runs its body', () =>
    run(async () => {
      let ran = false
      const task = loop.createTask(async () => {
        ran = true
      })
      task.cancel('early')
      expect(await caught(task)).toMatchObject({ name: 'CancelledError', message: 'early' })
      expect(ran).toBe(false)
    }))

  it('[TC-03] cancels what the task awaits first', () =>
    run(async () => {
      const inner = loop.createTask(() => sleep(1000))
      const outer = loop.createTask(async () => {
        await inner
      })
      await sleep(0)
      outer.cancel()
      await caught(outer)
      expect([inner.cancelled(), outer.cancelled()]).toEqual([true, true])
    }))

  it('[TC-03] reaches every future of a Promise.all', () =>
    run(async () => {
      const futures = [loop.createFuture(), loop.createFuture()]
      const task = loop.createTask(async () => {
        await Promise.all(futures)
      })
      await sleep(0)
      await sleep(0)
      task.cancel()
      await caught(task)
      expect(futures.map((f) => f.cancelled())).toEqual([true, true])
    }))

  it('[TC-04] cancelling the task and its future in one pass gives one CancelledError', () =>
    run(async () => {
      const future = loop.createFuture()
      let count = 0
      const task = loop.createTask(async () => {
        for (;;) {
          try {
            await future
          } catch {
            count++
            return
          }
        }
      })
      await sleep(0)
      task.cancel()
      future.cancel()
      await task
      expect(count).toBe(1)
    }))

  it('[TC-05] a task that catches it and returns ends normally', () =>
    run(async () => {
      const task = loop.createTask(async () => {
        try {
          await sleep(1000)
        } catch {
          return 'saved'
        }
      })
      await sleep(0)
      task.cancel()
      expect(await task).toBe('saved')
      expect([task.cancelled(), task.cancelling()]).toEqual([false, 1])
    }))

  it('[TC-06] a task that ignores it and awaits again goes on', () =>
    run(async () => {
      const task = loop.createTask(async () => {
        await sleep(1000).catch(() => {})
        await sleep(10)
        return 'went on'
      })
      await sleep(0)
      task.cancel()
      expect(await task).toBe('went on')
    }))

  it('[TC-07] a task that cancels itself gets it at its next await', () =>
    run(async () => {
      const seen: string[] = []
      const task: Task<void> = loop.createTask(async () => {
        task.cancel()
        seen.push('still here')
        await sleep(100)
        seen.push('never')
      })
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(seen).toEqual(['still here'])
    }))

  it('[TC-08] a task that cancels itself and returns ends cancelled', () =>
    run(async () => {
      const task: Task<number> = loop.createTask(async () => {
        task.cancel()
        return 1
      })
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(task.cancelled()).toBe(true)
    }))

  it('[TC-09] cancelling the inner future raises it in the waiter', () =>
    run(async () => {
      const future = loop.createFuture()
      const task = loop.createTask(async () => {
        await future
      })
      await sleep(0)
      future.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect([task.cancelled(), task.cancelling()]).toEqual([true, 0])
    }))

  it('[TC-10] a task that cancelled itself and then awaits another cancels that one', () =>
    run(async () => {
      const inner = loop.createTask(() => sleep(1000))
      const task: Task<void> = loop.createTask(async () => {
        task.cancel()
        await inner
      })
      await caught(task)
      expect([inner.cancelled(), task.cancelled()]).toEqual([true, true])
    }))

  it('[TC-11] cancel on a task that is done gives false and counts nothing', () =>
    run(async () => {
      const task = loop.createTask(async () => 1)
      await task
      expect([task.cancel(), task.cancelling()]).toEqual([false, 0])
    }))

  it('[TC-12] cancelling counts requests, uncancel takes one back', () =>
    run(async () => {
      const task = loop.createTask(async () => {
        await sleep(1000).catch(() => {})
        await sleep(10)
      })
      await sleep(0)
      task.cancel()
      task.cancel()
      expect(task.cancelling()).toBe(2)
      expect(task.uncancel()).toBe(1)
      expect(task.uncancel()).toBe(0)
      await caught(task)
    }))

  it('[TC-13] uncancel never goes below 0', () =>
    run(async () => {
      const task = loop.createTask(async () => {})
      expect([task.uncancel(), task.uncancel(), task.cancelling()]).toEqual([0, 0, 0])
      await task
    }))

  it('[TC-14] uncancel to 0 withdraws a request that was not delivered', () =>
    run(async () => {
      const task: Task<string> = loop.createTask(async () => {
        task.cancel()
        task.uncancel()
        await sleep(0)
        return 'went on'
      })
      expect(await task).toBe('went on')
    }))

  it('[TC-15] the message reaches the error through nested awaits', () =>
    run(async () => {
      const inner = loop.createTask(async () => {
        await loop.createFuture()
      })
      const outer = loop.createTask(async () => {
        await inner
      })
      await sleep(0)
      await sleep(0)
      outer.cancel('why')
      expect(await caught(outer)).toMatchObject({ message: 'why' })
      expect(await caught(inner)).toMatchObject({ message: 'why' })
    }))

  it('[TC-16] cancelling a sleeping task takes its timer away', () =>
    run(async () => {
      const task = loop.createTask(() => sleep(1_000_000))
      await sleep(0)
      task.cancel()
      await caught(task)
      await sleep(1)
      expect(loop.time()).toBeLessThan(1000)
    }))

  it('[TC-17] sleep gives its result; sleep(0) gives way exactly once', () =>
    run(async () => {
      expect(await sleep(1, 'result')).toBe('result')
      const seen: string[] = []
      loop.callSoon(() => {
        seen.push('first pass')
        loop.callSoon(() => seen.push('second pass'))
      })
      await sleep(0)
      expect(seen).toEqual(['first pass'])
    }))

  it('[TC-18] sleep(NaN) is a RangeError', () =>
    run(async () => {
      expect(() => sleep(Number.NaN)).toThrow(RangeError)
      expect(() => sleep('1' as never)).toThrow(TypeError)
    }))

  it('reaches a cancellation past a foreign promise at the next future', () =>
    run(async () => {
      const seen: string[] = []
      const task = loop.createTask(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        seen.push('the promise went on')
        await sleep(0)
        seen.push('never')
      })
      await sleep(0)
      task.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(seen).toEqual(['the promise went on'])
    }))

  it('reaches the await at which the task is, also when it has left others behind', () =>
    run(async () => {
      const left = loop.createFuture<void>()
      const steps: Record<string, (awaited: Future<void>) => PromiseLike<unknown>> = {
        // The loser of the race is still awaited, and could be cancelled in the place of what follows.
        'a future that is done': async (awaited) => {
          await Promise.race([left, null])
          await awaited
        },
        'a turn of the loop': async () => {
          await Promise.race([left, null])
          await sleep(0)
        },
      }
      for (const [what, step] of Object.entries(steps)) {
        const awaited = loop.createFuture<void>()
        const task = loop.createTask(async () => {
          await step(awaited)
          return `went on after ${what}`
        })
        await sleep(0)
        awaited.setResult()
        task.cancel()
        expect(await caught(task)).toBeInstanceOf(CancelledError)
      }
    }))

  it('is no unhandled rejection of the host where a wait was begun and is not awaited', () =>
    run(async () => {
      const queue = new Queue<void>()
      const lock = new Lock()
      await lock.acquire()
      const future = loop.createFuture<void>()
      const begin: (() => Promise<unknown>)[] = [
        () => sleep(100),
        () => sleep(0),
        () => queue.get(),
        () => lock.acquire(),
        () => future.then(() => {}),
      ]
      for (const wait of begin) {
        const task = loop.createTask(async () => {
          const begun = wait()
          await sleep(1000)
          await begun
        })
        await sleep(0)
        task.cancel()
        // An unhandled rejection would fail the test run.
        expect(await caught(task)).toBeInstanceOf(CancelledError)
      }
      const began = sleep(100, null, { signal: AbortSignal.abort() })
      expect(await caught(began)).toBeInstanceOf(CancelledError)
    }))

  it('when several awaits of a task are over already, each is told', () =>
    run(async () => {
      const first = loop.createFuture<void>()
      const second = loop.createFuture<void>()
      const task = loop.createTask(async () => {
        const forgotten = first.then(null, () => {})
        await second
        await forgotten
      })
      await sleep(0)
      first.setResult()
      second.setResult()
      task.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
    }))

  it('reading then does not make a future a victim of cancel', () =>
    run(async () => {
      const bystander = loop.createFuture()
      const task = loop.createTask(async () => {
        expect(typeof bystander.then).toBe('function')
        await sleep(1000)
      })
      await sleep(0)
      task.cancel()
      await caught(task)
      expect(bystander.cancelled()).toBe(false)
    }))

  it('signal aborts with the cancellation, and a signal ends a sleep', () =>
    run(async () => {
      const task = loop.createTask(() => sleep(1000))
      await sleep(0)
      const { signal } = task
      task.cancel('stop')
      expect([signal.aborted, (signal.reason as Error).message]).toEqual([true, 'stop'])
      await caught(task)
      const controller = new AbortController()
      const sleeping = sleep(1000, null, { signal: controller.signal })
      controller.abort(new Error('over'))
      expect(await caught(sleeping)).toMatchObject({ name: 'CancelledError', cause: { message: 'over' } })
    }))
})
