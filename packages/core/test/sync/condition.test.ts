import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  Condition,
  createTask,
  Event,
  Lock,
  LoopError,
  sleep,
  TimeoutError,
  timeout,
} from '../../src/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

/** Tasks that wait for the condition, each noting its number when it goes on. */
function waiters(condition: Condition, numbers: number[], order: number[]) {
  return numbers.map((n) =>
    createTask(async () => {
      using _ = await condition.acquire()
      await condition.wait()
      order.push(n)
    }),
  )
}

async function holding(condition: Condition, action: () => unknown): Promise<void> {
  using _ = await condition.acquire()
  await action()
}

describe('Condition', () => {
  it('[COND-01] wait, notify and notifyAll without the lock are errors', () =>
    run(async () => {
      const condition = new Condition()
      expect(await caught(condition.wait())).toMatchObject({ name: 'LoopError', code: 'ERR_LOOP_STATE' })
      expect(await caught(condition.waitFor(() => false))).toBeInstanceOf(LoopError)
      expect(() => condition.notify()).toThrow(LoopError)
      expect(() => condition.notifyAll()).toThrow(LoopError)
    }))

  it('[COND-02] wait releases the lock and has it again when it returns', () =>
    run(async () => {
      const condition = new Condition()
      const seen: unknown[] = []
      const waiting = createTask(async () => {
        using _ = await condition.acquire()
        seen.push(await condition.wait(), condition.locked())
      })
      await sleep(0)
      expect(condition.locked()).toBe(false)
      const hold = await condition.acquire()
      condition.notify()
      await sleep(10)
      // It was notified and waits for the lock.
      expect(seen).toEqual([])
      hold[Symbol.dispose]()
      await waiting
      expect(seen).toEqual([true, true])
      expect(condition.locked()).toBe(false)
    }))

  it('[COND-03] notify(n) wakes n at most, in the order in which they came', () =>
    run(async () => {
      const condition = new Condition()
      const order: number[] = []
      const tasks = waiters(condition, [1, 2, 3, 4], order)
      await sleep(0)
      expect(inspect(condition)).toBe('<Condition [unlocked, waiters:4]>')
      await holding(condition, () => condition.notify())
      await sleep(1)
      expect(order).toEqual([1])
      await holding(condition, () => condition.notify(2))
      await sleep(1)
      expect(order).toEqual([1, 2, 3])
      await holding(condition, () => condition.notify(100))
      await Promise.all(tasks)
      expect(order).toEqual([1, 2, 3, 4])
      await holding(condition, () => condition.notify())
    }))

  it('[COND-04] notifyAll wakes everybody', () =>
    run(async () => {
      const condition = new Condition()
      const order: number[] = []
      const tasks = waiters(condition, [1, 2, 3], order)
      await sleep(0)
      await holding(condition, () => condition.notifyAll())
      await Promise.all(tasks)
      expect(order).toEqual([1, 2, 3])
    }))

  it('[COND-05] waitFor goes on when the predicate is truthy, and gives its value', () =>
    run(async () => {
      const condition = new Condition()
      let value: string | number = 0
      const waiting = createTask(async () => {
        using _ = await condition.acquire()
        return await condition.waitFor(() => value)
      })
      await sleep(0)
      await holding(condition, () => condition.notify())
      await sleep(1)
      expect(waiting.done()).toBe(false)
      await holding(condition, () => {
        value = 'ready'
        condition.notify()
      })
      expect(await waiting).toBe('ready')
      // What is so already needs neither a wait nor the lock.
      expect(await condition.waitFor(() => value)).toBe('ready')
    }))

  it('[COND-06] a cancelled wait has the lock again before it throws', () =>
    run(async () => {
      const condition = new Condition()
      const seen: unknown[] = []
      const waiting = createTask(async () => {
        using _ = await condition.acquire()
        try {
          await condition.wait()
        } finally {
          seen.push(condition.locked())
        }
      })
      await sleep(0)
      waiting.cancel()
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
      expect(seen).toEqual([true])
      expect(condition.locked()).toBe(false)
      expect(inspect(condition)).toBe('<Condition [unlocked]>')
    }))

  it('[COND-07] a cancellation while it waits for the lock again is thrown when it has it, the last of several', () =>
    run(async () => {
      const condition = new Condition()
      let error: Error | null = null
      let locked = false
      const waiting = createTask(async () => {
        using _ = await condition.acquire()
        try {
          await condition.wait()
        } catch (caught) {
          error = caught as Error
          locked = condition.locked()
          throw caught
        }
      })
      await sleep(0)
      const hold = await condition.acquire()
      condition.notify()
      await sleep(1)
      waiting.cancel('first')
      await sleep(1)
      waiting.cancel('second')
      await sleep(1)
      expect(waiting.done()).toBe(false)
      hold[Symbol.dispose]()
      const thrown = await caught(waiting)
      expect(locked).toBe(true)
      expect(error).toBeInstanceOf(CancelledError)
      expect(error).toMatchObject({ message: 'second' })
      expect(thrown).toMatchObject({ message: 'second' })
      expect(condition.locked()).toBe(false)
    }))

  it('[COND-08] a notification of a waiter that is being cancelled goes to the next', () =>
    run(async () => {
      const condition = new Condition()
      const order: number[] = []
      const tasks = waiters(condition, [1, 2], order)
      await sleep(0)
      const hold = await condition.acquire()
      condition.notify()
      tasks[0]!.cancel()
      hold[Symbol.dispose]()
      await tasks[1]
      expect(tasks[0]!.cancelled()).toBe(true)
      expect(order).toEqual([2])
    }))

  it('[COND-08] also of one that is cancelled while it waits for the lock again', () =>
    run(async () => {
      const condition = new Condition()
      const order: number[] = []
      const tasks = waiters(condition, [1, 2], order)
      await sleep(0)
      const hold = await condition.acquire()
      condition.notify()
      await sleep(1)
      tasks[0]!.cancel()
      hold[Symbol.dispose]()
      await tasks[1]
      expect(tasks[0]!.cancelled()).toBe(true)
      expect(order).toEqual([2])
    }))

  it('[COND-09] a timeout around wait leaves the lock to its holder', () =>
    run(async () => {
      const condition = new Condition()
      const hold = await condition.acquire()
      expect(await caught(timeout(10, () => condition.wait()))).toBeInstanceOf(TimeoutError)
      expect(condition.locked()).toBe(true)
      hold[Symbol.dispose]()
      expect(condition.locked()).toBe(false)
    }))

  it('[COND-10] conditions can share a lock', () =>
    run(async () => {
      const lock = new Lock()
      const notEmpty = new Condition(lock)
      const notFull = new Condition(lock)
      const order: string[] = []
      const waiting = createTask(async () => {
        using _ = await notEmpty.acquire()
        await notEmpty.wait()
        order.push('not empty')
        notFull.notify()
      })
      const other = createTask(async () => {
        using _ = await notFull.acquire()
        await notFull.wait()
        order.push('not full')
      })
      await sleep(0)
      using hold = await lock.acquire()
      expect(notEmpty.locked() && notFull.locked()).toBe(true)
      notEmpty.notify()
      hold[Symbol.dispose]()
      await waiting
      await other
      expect(order).toEqual(['not empty', 'not full'])
      expect(() => new Condition({} as Lock)).toThrow(TypeError)
    }))

  it('a signal ends the wait, once it has the lock again', () =>
    run(async () => {
      const condition = new Condition()
      const abort = new AbortController()
      const release = new Event()
      let locked = false
      const waiting = createTask(async () => {
        using _ = await condition.acquire()
        try {
          await condition.wait({ signal: abort.signal })
        } finally {
          locked = condition.locked()
        }
      })
      await sleep(0)
      const holder = createTask(() => holding(condition, () => release.wait()))
      await sleep(0)
      abort.abort(new Error('enough'))
      await sleep(1)
      expect(waiting.done()).toBe(false)
      release.set()
      await holder
      expect(await caught(waiting)).toMatchObject({ name: 'CancelledError', cause: { message: 'enough' } })
      expect(locked).toBe(true)
      expect(condition.locked()).toBe(false)
    }))
})
