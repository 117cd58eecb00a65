import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CancelledError,
  Context,
  ContextVar,
  copyContext,
  type ExceptionContext,
  ensureFuture,
  LoopError,
  sleep,
  Task,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let reports: ExceptionContext[]
const run = <T>(main: () => Promise<T>) => loop.runUntilComplete(main)
const caught = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => null,
    (error: Error) => error,
  )

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  reports = []
  loop.setExceptionHandler((_loop, context) => reports.push(context))
})

afterEach(() => loop.close())

describe('creation', () => {
  it('[TCAI-01] starts the coroutine in the next pass', () =>
    run(async () => {
      const seen: string[] = []
      const task = loop.createTask(async () => {
        seen.push('body')
      })
      expect(seen).toEqual([])
      await task
      expect(seen).toEqual(['body'])
    }))

  it('[TCAI-02] refuses what is no coroutine function', () => {
    expect(() => loop.createTask(Promise.resolve(1) as never)).toThrow(TypeError)
    expect(() => loop.createTask(42 as never)).toThrow(/async function/)
  })

  it('[TCAI-03] names tasks, each differently, and makes a string of what is given', () =>
    run(async () => {
      const body = async () => {}
      const [a, b, c] = [loop.createTask(body), loop.createTask(body), loop.createTask(body, { name: 123 as never })]
      expect(a.getName()).toMatch(/^Task-\d+$/)
      expect(a.getName()).not.toBe(b.getName())
      expect(c.getName()).toBe('123')
      c.setName(new Error('x') as never)
      expect(c.getName()).toBe('Error: x')
    }))

  it('[TCAI-04] ensureFuture gives futures and tasks back', () =>
    run(async () => {
      const task = loop.createTask(async () => {})
      const future = loop.createFuture()
      expect(ensureFuture(task)).toBe(task)
      expect(ensureFuture(future)).toBe(future)
    }))

  it('[TCAI-05] ensureFuture wraps async functions and promises', () =>
    run(async () => {
      expect(await ensureFuture(async () => 1)).toBe(1)
      expect(await ensureFuture(Promise.resolve(2))).toBe(2)
    }))

  it('[TCAI-06] ensureFuture refuses anything else, and a future of another loop', () => {
    const other = new VirtualClockEventLoop()
    expect(() => ensureFuture('text' as never, { loop })).toThrow(TypeError)
    expect(() => ensureFuture(other.createFuture(), { loop })).toThrow(RangeError)
    other.close()
  })

  it('[TCAI-11] a task that awaits a future of another loop gets an error', async () => {
    const other = new VirtualClockEventLoop()
    const foreign = other.createFuture()
    const error = await caught(
      run(async () => {
        await foreign
      }),
    )
    expect(error).toMatchObject({
      code: 'ERR_LOOP_FOREIGN',
      message: expect.stringContaining('attached to a different loop'),
    })
    other.close()
  })

  it('[TCAI-12] a task that awaits itself gets an error', () =>
    run(async () => {
      const task: Task<void> = loop.createTask(async () => {
        await task
      })
      expect(await caught(task)).toMatchObject({
        name: 'LoopError',
        message: expect.stringContaining('cannot await on itself'),
      })
    }))

  it('[TCAI-13] setResult and setException are errors on a task', () =>
    run(async () => {
      const task = loop.createTask(async () => {})
      expect(() => task.setResult()).toThrow(LoopError)
      expect(() => task.setException(new Error())).toThrow(LoopError)
      await task
    }))

  it('[TCAI-14] a task factory replaces Task and gets every option', () =>
    run(async () => {
      const seen: unknown[] = []
      class Mine<T> extends Task<T> {}
      loop.setTaskFactory((loop, coro, options) => {
        seen.push(options)
        return new Mine(coro, { ...options, loop })
      })
      const context = new Context()
      const task = loop.createTask(async () => 7, { name: 'mine', context })
      expect(task).toBeInstanceOf(Mine)
      expect(seen).toEqual([{ name: 'mine', context }])
      expect(await task).toBe(7)
    }))

  it('[TCAI-15] setTaskFactory(null) restores the default; what is no function is refused', () => {
    const factory = (() => loop.createFuture()) as never
    loop.setTaskFactory(factory)
    expect(loop.getTaskFactory()).toBe(factory)
    loop.setTaskFactory(null)
    expect(loop.getTaskFactory()).toBeNull()
    expect(() => loop.setTaskFactory(1 as never)).toThrow(TypeError)
  })

  it('[TCAI-16] createTask on a closed loop throws and never calls the function', () => {
    let called = false
    loop.close()
    expect(() =>
      loop.createTask(async () => {
        called = true
      }),
    ).toThrow('Event loop is closed')
    expect(called).toBe(false)
  })

  it('[TCAI-17] getCoro, getContext and getName tell what it was made of', () =>
    run(async () => {
      const context = new Context()
      const coro = async () => {}
      const task = loop.createTask(coro, { context, name: 'n' })
      expect([task.getCoro(), task.getContext(), task.getName()]).toEqual([coro, context, 'n'])
      await task
      expect(task.getCoro()).toBeNull()
    }))

  it('[TCAI-18] runs in a copy of its creator context: its changes are invisible outside', () =>
    run(async () => {
      const variable = new ContextVar<string>('v', { defaultValue: 'none' })
      variable.set('creator')
      const own = new AsyncLocalStorage<string>()
      const seen: unknown[] = []
      await own.run('mine', () =>
        loop.createTask(async () => {
          seen.push(variable.get(), own.getStore())
          variable.set('task')
          await sleep(0)
          seen.push(variable.get(), own.getStore())
        }),
      )
      expect(seen).toEqual(['creator', 'mine', 'task', 'mine'])
      expect(variable.get()).toBe('creator')
    }))

  it('[TCAI-19] a task that is given a context shares its changes', () =>
    run(async () => {
      const variable = new ContextVar<number>('v')
      const context = copyContext()
      await loop.createTask(
        async () => {
          variable.set(1)
        },
        { context },
      )
      expect(context.run(() => variable.get())).toBe(1)
      expect(variable.get()).toBeUndefined()
    }))

  it('[TCAI-20] done callbacks run in the context in which they were added', () =>
    run(async () => {
      const variable = new ContextVar<string>('v')
      const task = loop.createTask(() => sleep(0))
      const seen: unknown[] = []
      variable.set('at registration')
      task.addDoneCallback(() => seen.push(variable.get()))
      variable.set('later')
      await task
      await sleep(0)
      expect(seen).toEqual(['at registration'])
    }))

  it('holds its tasks until they end', () =>
    run(async () => {
      const task = loop.createTask(() => sleep(5))
      expect(loop._tasks.has(task as never)).toBe(true)
      await task
      expect(loop._tasks.has(task as never)).toBe(false)
    }))
})

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

it('an exception that nobody looked at is reported with the task', async () => {
  await run(async () => {
    loop.createTask(async () => {
      throw new Error('lost')
    })
    await sleep(1)
  })
  loop.close()
  expect(reports.map((context) => context.message)).toEqual([
    expect.stringMatching(/^Task 'Task-\d+' exception was never retrieved$/),
  ])
})
