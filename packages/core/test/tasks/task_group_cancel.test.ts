import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  sleep,
  type Task,
  TaskGroup,
} from '../../src/index.js'
import { errorsOf, fail } from './errors_of.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('eager children', () => {
  it('[TG-21] one that fails while it is created ends the group, and tasks created after it', () =>
    run(async () => {
      at.loop.setTaskFactory(eagerTaskFactory)
      const seen: string[] = []
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(async () => {
            // A function that throws before its first wait is over when createTask returns.
            group.createTask(() => fail('third'))
            const error = await caught(sleep(1000))
            seen.push(error?.name ?? 'none')
            throw error
          })
        }),
      )
      expect(errors).toEqual(['RangeError: third'])
      expect(seen).toEqual(['CancelledError'])
    }))

  it('[TG-22] the cancellation by one that failed does not get out of the group', () =>
    run(async () => {
      at.loop.setTaskFactory(eagerTaskFactory)
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(() => fail('child'))
        }),
      )
      expect(errors).toEqual(['RangeError: child'])
      expect(currentTask()?.cancelling()).toBe(0)
      await sleep(0)
    }))

  it('[TG-25] one that cancels the group before its first wait does not hang it', () =>
    run(async () => {
      at.loop.setTaskFactory(eagerTaskFactory)
      let child: Task | undefined
      await TaskGroup.run(async (group) => {
        child = group.createTask(async () => {
          group.cancel()
          await sleep(1000)
        })
        await sleep(2000)
      })
      expect(child?.cancelled()).toBe(true)
      expect(at.loop.time()).toBe(0)
    }))
})

describe('cancel', () => {
  it('[TG-23] ends body and children, and the block without an error', () =>
    run(async () => {
      const seen: string[] = []
      let child: Task | undefined
      const result = await TaskGroup.run(async (group) => {
        child = group.createTask(() => sleep(1000))
        at.loop.callLater(10, () => group.cancel())
        try {
          await sleep(1000)
        } finally {
          seen.push('body')
        }
      })
      expect(result).toBe(undefined)
      expect(seen).toEqual(['body'])
      expect(child?.cancelled()).toBe(true)
      expect(at.loop.time()).toBe(10)
      expect(currentTask()?.cancelling()).toBe(0)
      await sleep(1)
    }))

  it('[TG-23] errors during the shutdown are still thrown', () =>
    run(async () => {
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(async () => {
            try {
              await sleep(1000)
            } finally {
              fail('clean-up')
            }
          })
          await sleep(1)
          group.cancel()
        }),
      )
      expect(errors).toEqual(['RangeError: clean-up'])
    }))

  it('[TG-23] while the parent is cancelled as well, the parent stays cancelled', () =>
    run(async () => {
      const task = createTask(() =>
        TaskGroup.run(async (group) => {
          at.loop.callLater(10, () => {
            group.cancel()
            task.cancel()
          })
          await sleep(1000)
        }),
      )
      expect(await caught(task)).toBeInstanceOf(CancelledError)
    }))

  it('[TG-24] before the block it ends the body at its first wait', () =>
    run(async () => {
      const group = new TaskGroup()
      group.cancel()
      const seen: string[] = []
      await group.run(async (own) => {
        seen.push('entered')
        expect(() => own.createTask(async () => {})).toThrow('shutting down')
        await sleep(1000)
        seen.push('not reached')
      })
      expect(seen).toEqual(['entered'])
      expect(at.loop.time()).toBe(0)
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('[TG-24] repeated and late it does nothing, and createTask throws', () =>
    run(async () => {
      const group = new TaskGroup()
      await group.run(async () => {
        group.cancel()
        group.cancel()
        await sleep(1000)
      })
      group.cancel()
      expect(() => group.createTask(async () => {})).toThrow('finished')
      expect(currentTask()?.cancelling()).toBe(0)
      const finished = new TaskGroup()
      await finished.run(async () => {})
      finished.cancel()
      await sleep(1)
    }))
})
