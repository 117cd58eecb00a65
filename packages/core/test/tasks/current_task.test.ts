import { describe, expect, it } from 'vitest'
import { allTasks, createTask, currentTask, iscoroutinefunction, LoopError, sleep, type Task } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('currentTask', () => {
  it('[TCAI-07] is the task inside it, null outside, and of the loop that is asked for', async () => {
    const other = new VirtualClockEventLoop()
    expect(currentTask(at.loop)).toBe(null)
    const task: Task = at.loop.createTask(async () => {
      expect(currentTask() === task).toBe(true)
      expect(currentTask(at.loop) === task).toBe(true)
      expect(currentTask(other)).toBe(null)
      const inCallback = await new Promise((resolve) => at.loop.callSoon(() => resolve(currentTask() === null)))
      expect(inCallback).toBe(true)
    })
    await at.loop.runUntilComplete(task)
    expect(currentTask(at.loop)).toBe(null)
    other.close()
  })

  it('[TCAI-08] tasks that take turns each see themselves', () =>
    run(async () => {
      const body = async () => {
        const own = currentTask()
        const inner = async () => {
          await sleep(0)
          return currentTask() === own
        }
        const seen = [await inner(), await inner()]
        await sleep(1)
        return [...seen, currentTask() === own, own !== null]
      }
      const tasks = [createTask(body), createTask(body)]
      for (const task of tasks) expect(await task).toEqual([true, true, true, true])
    }))

  it('[TCAI-09] without a running loop is an error', () => {
    expect(() => currentTask()).toThrow(LoopError)
    expect(() => allTasks()).toThrow(LoopError)
    expect(() => createTask(async () => {})).toThrow(expect.objectContaining({ code: 'ERR_LOOP_NOT_RUNNING' }))
  })

  it('[TCAI-10] allTasks gives the unfinished tasks of the loop', async () => {
    const other = new VirtualClockEventLoop()
    const elsewhere = other.createTask(async () => {})
    await run(async () => {
      const [a, b] = [createTask(() => sleep(10)), createTask(() => sleep(20))]
      expect(allTasks()).toEqual(new Set([currentTask(), a, b]))
      await a
      expect(allTasks(at.loop)).toEqual(new Set([currentTask(), b]))
      expect(allTasks(other)).toEqual(new Set([elsewhere]))
      await b
    })
    expect(allTasks(at.loop).size).toBe(0)
    other.close()
  })
})

describe('iscoroutinefunction', () => {
  it('tells async functions', () => {
    expect(iscoroutinefunction(async () => {})).toBe(true)
    expect(iscoroutinefunction(() => {})).toBe(false)
    expect(iscoroutinefunction(async function* () {})).toBe(false)
    expect(iscoroutinefunction(Promise.resolve())).toBe(false)
  })
})
