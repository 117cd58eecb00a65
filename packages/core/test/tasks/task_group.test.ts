import { describe, expect, it } from 'vitest'
import { CancelledError, createTask, currentTask, sleep, type Task, TaskGroup } from '../../src/index.js'
import { errorsOf, fail } from './errors_of.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('the block', () => {
  it('[TG-01] waits for every child', () =>
    run(async () => {
      const [a, b] = await TaskGroup.run(async (group) => [
        [group.createTask(() => sleep(10, 'a')), group.createTask(() => sleep(20, 'b'))],
      ]).then(([tasks]) => tasks!)
      expect([a?.result(), b?.result()]).toEqual(['a', 'b'])
      expect(at.loop.time()).toBe(20)
    }))

  it('gives what the body returns', () =>
    run(async () => {
      expect(await TaskGroup.run(async () => 'result')).toBe('result')
    }))

  it('[TG-02] children may add children until the last one ends', () =>
    run(async () => {
      const seen: number[] = []
      await TaskGroup.run(async (group) => {
        const child = async (depth: number) => {
          await sleep(10)
          seen.push(depth)
          if (depth < 3) group.createTask(() => child(depth + 1))
        }
        group.createTask(() => child(1))
      })
      expect(seen).toEqual([1, 2, 3])
    }))

  it('[TG-03] a child that is cancelled by itself concerns nobody else', () =>
    run(async () => {
      const results = await TaskGroup.run(async (group) => {
        const [a, b] = [group.createTask(() => sleep(1000)), group.createTask(() => sleep(20, 'b'))]
        await sleep(1)
        a.cancel()
        await b
        return [a.cancelled(), b.result()]
      })
      expect(results).toEqual([true, 'b'])
    }))

  it('[TG-15] createTask before the block and after it throws, and the function is never called', () =>
    run(async () => {
      let called = false
      const coro = async () => {
        called = true
      }
      const group = new TaskGroup()
      expect(() => group.createTask(coro)).toThrow('has not been entered')
      await group.run(async () => {})
      expect(() => group.createTask(coro)).toThrow('is finished')
      await sleep(0)
      expect(called).toBe(false)
    }))

  it('[TG-16] createTask after a failure began the shutdown throws', () =>
    run(async () => {
      let called = false
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(async () => fail('child'))
          await caught(sleep(1000))
          group.createTask(async () => {
            called = true
          })
        }),
      )
      expect(errors).toEqual(['RangeError: child', 'LoopError: TaskGroup is shutting down'])
      expect(called).toBe(false)
    }))

  it('[TG-17] entering twice, or outside a task, is an error', () =>
    run(async () => {
      const group = new TaskGroup()
      await group.run(async (own) => {
        expect(await caught(own.run(async () => {}))).toMatchObject({ code: 'ERR_LOOP_STATE' })
      })
      expect(await caught(group.run(async () => {}))).toMatchObject({
        message: expect.stringContaining('already been entered'),
      })
      const outside = await new Promise<Error | null>((resolve) => {
        at.loop.callSoon(() => resolve(caught(TaskGroup.run(async () => {}))))
      })
      expect(outside).toMatchObject({ message: expect.stringContaining('parent task') })
      expect(() => TaskGroup.run(Promise.resolve() as never)).toThrow(TypeError)
    }))
})

describe('errors', () => {
  it('[TG-04] the first failure cancels siblings and body; the others of that time are collected', () =>
    run(async () => {
      const seen: string[] = []
      const sibling = async () => {
        try {
          await sleep(1000)
        } catch {
          seen.push('sibling')
          fail('in clean-up')
        }
      }
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(sibling)
          group.createTask(() => sleep(1000))
          group.createTask(async () => fail('first'))
          try {
            await sleep(1000)
          } finally {
            seen.push('body')
          }
        }),
      )
      expect(errors).toEqual(['RangeError: first', 'RangeError: in clean-up'])
      expect(seen).toEqual(['sibling', 'body'])
      expect(at.loop.time()).toBe(0)
    }))

  it('[TG-05] what follows the block is not reached when a child failed', () =>
    run(async () => {
      let after = false
      const task = createTask(async () => {
        await TaskGroup.run(async (group) => {
          group.createTask(async () => fail('child'))
        })
        after = true
      })
      expect(await errorsOf(task)).toEqual(['RangeError: child'])
      expect(after).toBe(false)
    }))

  it('[TG-08] an error of the body cancels the children and is among the errors', () =>
    run(async () => {
      let child: Task | undefined
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          child = group.createTask(() => sleep(1000))
          await sleep(1)
          fail('body')
        }),
      )
      expect(errors).toEqual(['RangeError: body'])
      expect(child?.cancelled()).toBe(true)
    }))

  it('[TG-09] [TG-11] an inner group fails as one error of the outer', () =>
    run(async () => {
      const errors = await errorsOf(
        TaskGroup.run(async (outer) => {
          outer.createTask(async () => {
            await TaskGroup.run(async (inner) => {
              inner.createTask(async () => fail('inner'))
              await sleep(1000)
            })
          })
          await sleep(1000)
        }),
      )
      expect(errors).toEqual([['RangeError: inner']])
    }))

  it('[TG-10] a failure outside cancels the children of a group inside, which reports nothing of its own', () =>
    run(async () => {
      let child: Task | undefined
      const errors = await errorsOf(
        TaskGroup.run(async (outer) => {
          outer.createTask(async () => {
            await sleep(10)
            fail('outer')
          })
          await TaskGroup.run(async (inner) => {
            child = inner.createTask(() => sleep(1000))
          })
        }),
      )
      expect(errors).toEqual(['RangeError: outer'])
      expect(child?.cancelled()).toBe(true)
    }))

  it('[TG-12] a body that answers its cancellation with an error fails with it', () =>
    run(async () => {
      const task = createTask(() =>
        TaskGroup.run(async () => {
          try {
            await sleep(1000)
          } catch {
            fail('instead')
          }
        }),
      )
      await sleep(1)
      task.cancel()
      expect(await errorsOf(task)).toEqual(['RangeError: instead'])
    }))

  it('[TG-13] errors of a child and of the body in the same shutdown are both collected', () =>
    run(async () => {
      const errors = await errorsOf(
        TaskGroup.run(async (group) => {
          group.createTask(async () => fail('child'))
          try {
            await sleep(1000)
          } finally {
            fail('body')
          }
        }),
      )
      expect(errors).toEqual(['RangeError: child', 'RangeError: body'])
    }))
})

describe('cancelling the parent', () => {
  it('[TG-06] cancels every child, and CancelledError goes on', () =>
    run(async () => {
      const children: Task[] = []
      const task = createTask(() =>
        TaskGroup.run(async (group) => {
          children.push(
            group.createTask(() => sleep(1000)),
            group.createTask(() => sleep(1000)),
          )
        }),
      )
      await sleep(1)
      task.cancel()
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(task.cancelled()).toBe(true)
      expect(children.map((child) => child.cancelled())).toEqual([true, true])
    }))

  it('[TG-07] errors of the children while they clean up go before the CancelledError', () =>
    run(async () => {
      const task = createTask(() =>
        TaskGroup.run(async (group) => {
          group.createTask(async () => {
            try {
              await sleep(1000)
            } finally {
              fail('clean-up')
            }
          })
        }),
      )
      await sleep(1)
      task.cancel()
      expect(await errorsOf(task)).toEqual(['RangeError: clean-up'])
    }))

  it('[TG-18] a failed child leaves the count of cancel requests as it was', () =>
    run(async () => {
      const own = currentTask()
      await caught(
        TaskGroup.run(async (group) => {
          group.createTask(async () => fail('child'))
          await sleep(1000)
        }),
      )
      expect(own?.cancelling()).toBe(0)
      await sleep(1)
    }))

  it('[TG-19] nested groups that are both cancelled take back only their own requests', () =>
    run(async () => {
      const own = currentTask()
      const errors = await errorsOf(
        TaskGroup.run(async (outer) => {
          outer.createTask(async () => fail('outer'))
          await TaskGroup.run(async (inner) => {
            inner.createTask(async () => fail('inner'))
            await sleep(1000)
          })
        }),
      )
      expect(errors).toEqual(['RangeError: outer', ['RangeError: inner']])
      expect(own?.cancelling()).toBe(0)
      await sleep(1)
    }))

  it('[TG-20] a cancellation that races with an error comes after it, at the next wait', () =>
    run(async () => {
      let next: Error | null = null
      const task: Task = createTask(async () => {
        const errors = await errorsOf(
          TaskGroup.run(async (group) => {
            group.createTask(async () => fail('child'))
            at.loop.callSoon(() => task.cancel())
            await sleep(1000)
          }),
        )
        expect(errors).toEqual(['RangeError: child'])
        expect(task.cancelling()).toBe(1)
        next = await caught(sleep(1000))
      })
      await task
      expect(next).toBeInstanceOf(CancelledError)
    }))
})
