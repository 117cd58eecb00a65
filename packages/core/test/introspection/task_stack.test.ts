import { describe, expect, it } from 'vitest'
import { createTask, gather, getRunningLoop, sleep, type Task, wait } from '../../src/index.js'
import { noteForeignAwaits } from '../../src/introspection/foreign_awaits.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'
import { linesOf, places } from './places.js'

const at = virtualLoop()
const place = places(import.meta.url)

/** The stack of a task that runs `body`, after `ms`. */
async function stackWhile(body: () => Promise<unknown>, ms = 1): Promise<string[]> {
  const task = createTask(body)
  await sleep(ms)
  const stack = task.getStack()
  task.cancel()
  await wait([task])
  return linesOf(stack)
}

describe('getStack', () => {
  it('shows the awaiting code, innermost first, without frames of ours or of the host', () =>
    at.run(async () => {
      const inner = async () => {
        await sleep(1000) // [inner]
      }
      const outer = async () => {
        await sleep(0)
        await inner() // [outer]
      }
      expect(await stackWhile(async () => await outer(), 5)).toEqual([
        place('inner'),
        place('outer'),
        expect.stringContaining('task_stack.test.ts'),
      ])
    }))

  it('reads as in an error, and `limit` keeps inner or outer frames', () =>
    at.run(async () => {
      const task = createTask(async function work() {
        await (async function step() {
          await sleep(1000)
        })()
      })
      await sleep(1)
      const stack = task.getStack()
      expect(stack[0]).toMatch(/^at async step \(\S+task_stack\.test\.ts:\d+:\d+\)$/)
      expect(stack[1]).toMatch(/^at async work \(/)
      expect([task.getStack(1), task.getStack(-1), task.getStack(0)]).toEqual([[stack[0]], [stack[1]], []])
      task.cancel()
      await wait([task])
    }))

  it('knows where a task stands that only gave way', () =>
    at.run(async () => {
      const stack = await stackWhile(async () => {
        for (;;) await sleep(0) // [gave way]
      }, 0)
      expect(stack).toEqual([place('gave way')])
    }))

  it('is that of the moment for the running task', () =>
    at.run(async () => {
      const task: Task<string[]> = createTask(async () => task.getStack()) // [self]
      expect(linesOf(await task)).toEqual([place('self')])
    }))

  it('is empty before the task began and when it is done without an error', () =>
    at.run(async () => {
      const task = createTask(() => sleep(1))
      expect(task.getStack()).toEqual([])
      await task
      expect(task.getStack()).toEqual([])
      const cancelled = createTask(() => sleep(1))
      cancelled.cancel()
      await caught(cancelled)
      expect(cancelled.getStack()).toEqual([])
    }))

  it('says where the error of a failed task was thrown, and leaves the error unretrieved', async () => {
    await at.run(async () => {
      const task = createTask(async () => {
        throw new Error('broken') // [thrown]
      })
      await sleep(1)
      expect(linesOf(task.getStack())).toEqual([place('thrown')])
    })
    at.loop.close()
    expect(at.reports.map((report) => report.exception?.message)).toEqual(['broken'])
  })

  it('is not disturbed by two that wait for one future, nor disturbs them', () =>
    at.run(async () => {
      const future = getRunningLoop().createFuture<number>()
      const woken: string[] = []
      const waiter = (name: string) => async () => {
        await future // [both]
        woken.push(name)
      }
      const tasks = [createTask(waiter('a')), createTask(waiter('b'))]
      await sleep(1)
      for (const task of tasks) expect(linesOf(task.getStack())).toEqual([place('both')])
      future.setResult(1)
      await gather(tasks)
      expect(woken).toEqual(['a', 'b'])
    }))

  it('calls nothing that the program gave to `then`', () =>
    at.run(async () => {
      const future = getRunningLoop().createFuture<number>()
      const called: unknown[] = []
      const task = createTask(async () => {
        future.then((value) => called.push(value))
        await new Promise((resolve) => {
          future.then(resolve)
          future.then(resolve)
        })
      })
      await sleep(1)
      task.getStack()
      await sleep(1)
      expect(called).toEqual([])
      future.setResult(7)
      await task
      expect(called).toEqual([7])
    }))
})

describe('a promise that is not the loop’s', () => {
  const never = () => new Promise<void>(() => {})
  const hang = async (promise: PromiseLike<unknown>) => {
    await promise // [foreign]
  }
  /** Such a wait cannot be cancelled, so the task is left to end with the loop. */
  const stackOfHanging = async (body: () => Promise<unknown>) => {
    const task = createTask(body)
    await sleep(1)
    return linesOf(task.getStack())
  }

  it('shows no place while nobody notes them', () =>
    at.run(async () => {
      expect(await stackOfHanging(() => hang(never()))).toEqual([])
    }))

  it('shows the place where they are noted, whatever the task awaited before', () =>
    at.run(async () => {
      const end = noteForeignAwaits()
      try {
        const stack = await stackOfHanging(async () => {
          await sleep(0)
          await 1
          await Promise.resolve(2)
          await hang(never()) // [hangs]
        })
        expect(stack).toEqual([place('foreign'), place('hangs')])
        expect((await stackOfHanging(() => hang({ then: () => never() as never })))[0]).toBe(place('foreign'))
      } finally {
        end()
      }
    }))

  it('keeps nothing foreign of a task that awaits the loop, and nothing once nobody notes any more', () =>
    at.run(async () => {
      const end = noteForeignAwaits()
      const foreign = Promise.resolve()
      const task = createTask(async () => {
        await foreign
        await sleep(1000)
      })
      await sleep(1)
      expect([...(task._foreign ?? [])]).not.toContain(foreign)
      end()
      end()
      const later = createTask(() => hang(never()))
      await sleep(1)
      expect(later._foreign).toBeNull()
      task.cancel()
      await wait([task])
    }))
})

describe('printStack', () => {
  const printed = (task: Task<unknown>, options: object = {}) => {
    const written: string[] = []
    task.printStack({ ...options, file: { write: (text) => written.push(text) } })
    return written.join('').split('\n')
  }

  it('prints the task and a line for each frame', () =>
    at.run(async () => {
      const task = createTask(
        async function work() {
          await sleep(1000)
        },
        { name: 'worker' },
      )
      expect(printed(task)[0]).toBe("No stack for <Task pending name='worker' coro=work>")
      await sleep(1)
      const [head, frame] = printed(task)
      expect(head).toBe("Stack for <Task pending name='worker' coro=work>:")
      expect(frame).toMatch(/^ {4}at async work \(/)
      task.cancel()
      await wait([task])
    }))

  it('prints the error of a failed task', () =>
    at.run(async () => {
      const task = createTask(async function work() {
        throw new RangeError('too far')
      })
      await caught(task)
      const lines = printed(task)
      expect(lines[0]).toMatch(/^Traceback for <Task finished/)
      expect(lines[1]).toMatch(/^ {4}at work \(/)
      expect(lines[2]).toBe('RangeError: too far')
    }))
})
