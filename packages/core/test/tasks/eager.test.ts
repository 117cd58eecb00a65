import { beforeEach, describe, expect, it } from 'vitest'
import {
  allTasks,
  CancelledError,
  ContextVar,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  gather,
  sleep,
  Task,
  TaskGroup,
} from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

beforeEach(() => at.loop.setTaskFactory(eagerTaskFactory))

describe('the eager step', () => {
  it('[ET-01] a function that never waits is done when createTask returns', () =>
    run(async () => {
      const value = createTask(() => 'value')
      expect(value.done()).toBe(true)
      expect(value.result()).toBe('value')
      const finished = at.loop.createFuture<string>()
      finished.setResult('future')
      const future = createTask(() => finished)
      expect(future.done()).toBe(true)
      expect(await future).toBe('future')
    }))

  it('[ET-01] an async function that never waits is done when the microtasks have run, before any other handle', () =>
    run(async () => {
      const seen: string[] = []
      at.loop.callSoon(() => seen.push('handle'))
      const task = createTask(async () => {
        seen.push('body')
        return 'value'
      })
      expect(seen).toEqual(['body'])
      await Promise.resolve()
      expect(task.done()).toBe(true)
      expect(task.result()).toBe('value')
      expect(seen).toEqual(['body'])
    }))

  it('[ET-02] one that waits goes on through the loop', () =>
    run(async () => {
      const seen: string[] = []
      const task = createTask(async () => {
        seen.push('before')
        await sleep(0)
        seen.push('after')
        return 'value'
      })
      seen.push('created')
      expect(task.done()).toBe(false)
      expect(await task).toBe('value')
      expect(seen).toEqual(['before', 'created', 'after'])
    }))

  it('[ET-03] the current task is the new one during it, and the creator afterwards', () =>
    run(async () => {
      const creator = currentTask()
      let during: Task | null = null
      const task = createTask(async () => {
        during = currentTask()
        await sleep(0)
        return currentTask() === during
      })
      expect(during === task).toBe(true)
      expect(currentTask() === creator).toBe(true)
      expect(await task).toBe(true)
    }))

  it('[ET-04] the task is among allTasks during it, and no more once it is done', () =>
    run(async () => {
      let during = false
      const task = createTask(() => {
        during = allTasks().has(currentTask()!)
      })
      expect(during).toBe(true)
      expect(allTasks().has(task)).toBe(false)
      const waiting = createTask(() => sleep(1))
      expect(allTasks().has(waiting)).toBe(true)
      await waiting
      expect(allTasks().has(waiting)).toBe(false)
    }))

  it('[ET-05] what it sets in its context does not reach the creator', () =>
    run(async () => {
      const variable = new ContextVar<string>('variable', { defaultValue: 'default' })
      variable.set('creator')
      const task = createTask(async () => {
        const seen = [variable.get()]
        variable.set('eager')
        await sleep(0)
        return [...seen, variable.get()]
      })
      expect(variable.get()).toBe('creator')
      expect(await task).toEqual(['creator', 'eager'])
      expect(variable.get()).toBe('creator')
    }))

  it('[ET-06] cancelling a task that it completed does nothing', () =>
    run(async () => {
      const task = createTask(() => 'value')
      expect(task.cancel()).toBe(false)
      expect(task.cancelling()).toBe(0)
      expect(await task).toBe('value')
    }))

  it('[ET-07] cancelling a task that waits after it works as ever', () =>
    run(async () => {
      const task = createTask(() => sleep(1000))
      expect(task.cancel('why')).toBe(true)
      expect(await caught(task)).toMatchObject({ name: 'CancelledError', message: 'why' })
      expect(task.cancelled()).toBe(true)
    }))

  it('[ET-08] eagerStart false keeps a task back, true starts one with the default factory', () =>
    run(async () => {
      const seen: string[] = []
      const late = createTask(async () => void seen.push('late'), { eagerStart: false })
      expect(seen).toEqual([])
      await late
      at.loop.setTaskFactory(null)
      const eager = createTask(async () => void seen.push('eager'), { eagerStart: true })
      expect(seen).toEqual(['late', 'eager'])
      const ordinary = createTask(async () => void seen.push('ordinary'))
      expect(seen).toEqual(['late', 'eager'])
      await gather([eager, ordinary])
    }))

  it('[ET-09] gather and TaskGroup work with children that it completed', () =>
    run(async () => {
      const tree = async (depth: number): Promise<number> => {
        if (depth === 0) return 1
        const [left, right] = await gather([() => tree(depth - 1), () => tree(depth - 1)])
        return left + right
      }
      expect(await createTask(() => tree(5))).toBe(32)
      const all = gather([() => 1 as never, () => 2 as never])
      expect(all.done()).toBe(true)
      expect(await all).toEqual([1, 2])
      const tasks = await TaskGroup.run(async (group) => ({
        a: group.createTask(() => 'a'),
        b: group.createTask(() => sleep(1, 'b')),
      }))
      expect([tasks.a.result(), tasks.b.result()]).toEqual(['a', 'b'])
    }))

  it('[ET-10] an error in it is stored in the task', () =>
    run(async () => {
      const mine = new RangeError('mine')
      const task = createTask(() => {
        throw mine
      })
      expect(task.exception()).toBe(mine)
      const cancelled = createTask(() => {
        throw new CancelledError()
      })
      expect(cancelled.cancelled()).toBe(true)
    }))
})

describe('createEagerTaskFactory', () => {
  it('makes tasks of the given class, with every option', () =>
    run(async () => {
      class Own<T> extends Task<T> {}
      at.loop.setTaskFactory(createEagerTaskFactory(Own))
      let started = false
      const task = createTask(async () => void (started = true), { name: 'mine' })
      expect(task).toBeInstanceOf(Own)
      expect(task.getName()).toBe('mine')
      expect(started).toBe(true)
      await task
    }))
})
