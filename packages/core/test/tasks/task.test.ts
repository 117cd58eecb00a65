import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
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
