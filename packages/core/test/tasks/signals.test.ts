import { describe, expect, it } from 'vitest'
import {
  asCompleted,
  CancelledError,
  createTask,
  currentTask,
  gather,
  shield,
  sleep,
  TaskGroup,
} from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

/** A signal that aborts after so many milliseconds of virtual time, with the reason 'enough'. */
function abortsAfter(delay: number): AbortSignal {
  const controller = new AbortController()
  at.loop.callLater(delay, () => controller.abort('enough'))
  return controller.signal
}

const aborted = { name: 'CancelledError', code: 'ABORT_ERR', cause: 'enough' }

describe('signals', () => {
  it('gather cancels everything that is not done, and rejects when that has dealt with it', () =>
    run(async () => {
      const done = createTask(() => sleep(1, 'done'))
      const cleansUp = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(10)
        }
      })
      const error = await caught(gather([done, cleansUp], { signal: abortsAfter(5) }))
      expect(error).toMatchObject(aborted)
      expect(at.loop.time()).toBe(15)
      expect(done.result()).toBe('done')
      expect(cleansUp.cancelled()).toBe(true)
      const all = gather([() => sleep(1000)], { returnExceptions: true, signal: abortsAfter(5) })
      expect(await caught(all)).toMatchObject(aborted)
    }))

  it('gather whose signal has aborted begins nothing', () =>
    run(async () => {
      let began = false
      const part = async () => {
        began = true
      }
      expect(await caught(gather([part], { signal: AbortSignal.abort('enough') }))).toMatchObject(aborted)
      expect(began).toBe(false)
      const done = at.loop.createFuture<number>()
      done.setResult(1)
      // There was nothing left to end.
      expect(await gather([done], { signal: AbortSignal.abort() })).toEqual([1])
    }))

  it('shield ends the wait, and the work goes on', () =>
    run(async () => {
      const work = createTask(() => sleep(10, 'done'))
      expect(await caught(shield(work, { signal: abortsAfter(5) }))).toMatchObject(aborted)
      expect(await work).toBe('done')
    }))

  it('asCompleted ends the iteration, and the tasks go on', () =>
    run(async () => {
      const tasks = [createTask(() => sleep(1, 'early')), createTask(() => sleep(10, 'late'))]
      const got: unknown[] = []
      const iterate = async () => {
        for await (const task of asCompleted(tasks, { signal: abortsAfter(5) })) got.push(await task)
      }
      expect(await caught(iterate())).toMatchObject(aborted)
      expect(got).toEqual(['early'])
      expect(await tasks[1]).toBe('late')
      const each: unknown[] = []
      for (const next of asCompleted(tasks, { signal: AbortSignal.abort('enough') })) each.push(await caught(next))
      expect(each).toEqual([expect.objectContaining(aborted), expect.objectContaining(aborted)])
    }))

  it('TaskGroup.run cancels the body and the tasks, waits for them, and rejects', () =>
    run(async () => {
      const seen: string[] = []
      const group = TaskGroup.run(
        async (own) => {
          own.createTask(async () => {
            try {
              await sleep(1000)
            } finally {
              await sleep(10)
              seen.push('task cleaned up')
            }
          })
          await sleep(1000)
          seen.push('not reached')
        },
        { signal: abortsAfter(5) },
      )
      expect(await caught(group)).toMatchObject(aborted)
      expect(seen).toEqual(['task cleaned up'])
      expect(at.loop.time()).toBe(15)
      expect(currentTask()?.cancelling()).toBe(0)
      expect(await caught(TaskGroup.run(async () => {}, { signal: AbortSignal.abort('enough') }))).toMatchObject(
        aborted,
      )
    }))

  it('TaskGroup.run: errors go first, and one that aborts too late changes nothing', () =>
    run(async () => {
      const failing = TaskGroup.run(
        async (group) => {
          group.createTask(async () => {
            try {
              await sleep(1000)
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: a clean-up that fails
              throw new Error('while cleaning up')
            }
          })
          await sleep(1000)
        },
        { signal: abortsAfter(5) },
      )
      expect(await caught(failing)).toMatchObject({ errors: [{ message: 'while cleaning up' }] })
      const controller = new AbortController()
      expect(await TaskGroup.run(async () => 'done', { signal: controller.signal })).toBe('done')
      controller.abort()
      await sleep(1)
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('who awaits a task that let such an error out sees the reason', () =>
    run(async () => {
      const task = createTask(() => sleep(1000, null, { signal: abortsAfter(5) }))
      const error = await caught(task)
      expect(error).toBeInstanceOf(CancelledError)
      expect(error).toMatchObject(aborted)
      expect(task.cancelled()).toBe(true)
    }))
})
