import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueShutDown,
  sleep,
  type Task,
} from '../../src/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

describe('join and taskDone', () => {
  it('[QUEU-13] join waits until taskDone was called for each item', () =>
    run(async () => {
      const queue = new Queue<number>()
      for (let n = 0; n < 10; n++) queue.putNowait(n)
      let sum = 0
      const workers = [1, 2].map(() =>
        createTask(async () => {
          for (;;) {
            const item = await queue.get()
            await sleep(item % 3)
            sum += item
            queue.taskDone()
          }
        }),
      )
      await queue.join()
      expect(sum).toBe(45)
      for (const worker of workers) worker.cancel()
      // And once more for what comes afterwards.
      queue.putNowait(1)
      const joining = createTask(() => queue.join())
      await sleep(1)
      expect(joining.done()).toBe(false)
      queue.getNowait()
      queue.taskDone()
      await joining
    }))

  it('[QUEU-13] a taskDone too many is an error', () => {
    const queue = new Queue<number>()
    expect(() => queue.taskDone()).toThrow(RangeError)
    queue.putNowait(1)
    queue.taskDone()
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  it('[QUEU-14] join of a queue that nothing was put into goes on at once', () =>
    run(async () => {
      await new Queue().join()
      await new PriorityQueue().join()
    }))
})

describe('shutdown', () => {
  it('[QUEU-15] put fails, what is in it can be got, then get fails', () =>
    run(async () => {
      const queue = new Queue<number>(2)
      queue.putNowait(1)
      queue.putNowait(2)
      queue.shutdown()
      expect(await caught(queue.put(3))).toBeInstanceOf(QueueShutDown)
      expect(() => queue.putNowait(3)).toThrow(QueueShutDown)
      expect(await queue.get()).toBe(1)
      expect(queue.getNowait()).toBe(2)
      expect(await caught(queue.get())).toMatchObject({ name: 'QueueShutDown', code: 'ERR_QUEUE_SHUT_DOWN' })
      expect(() => queue.getNowait()).toThrow(QueueShutDown)
      expect(() => queue.getNowait()).not.toThrow(QueueEmpty)
      queue.taskDone()
      queue.taskDone()
      await queue.join()
      queue.shutdown()
    }))

  it('[QUEU-16] it wakes getters and putters, who fail', () =>
    run(async () => {
      const empty = new Queue<number>()
      const getting = [createTask(() => empty.get()), createTask(() => empty.get())]
      const full = new Queue<number>(1)
      full.putNowait(1)
      const putting = [createTask(() => full.put(2)), createTask(() => full.put(3))]
      await sleep(0)
      empty.shutdown()
      full.shutdown()
      for (const task of [...getting, ...putting]) expect(await caught(task)).toBeInstanceOf(QueueShutDown)
      expect(full.getNowait()).toBe(1)
    }))

  it('[QUEU-17] an immediate one drops what is in it and counts it as done', () =>
    run(async () => {
      const queue = new Queue<number>()
      queue.putNowait(1)
      queue.putNowait(2)
      const joining = createTask(() => queue.join())
      await sleep(0)
      queue.shutdown(true)
      await joining
      expect(queue.qsize()).toBe(0)
      expect(await caught(queue.get())).toBeInstanceOf(QueueShutDown)
      expect(await caught(queue.put(1))).toBeInstanceOf(QueueShutDown)
    }))

  it('[QUEU-18] what was got before an immediate one has still to be done', () =>
    run(async () => {
      const queue = new Queue<number>()
      queue.putNowait(1)
      queue.putNowait(2)
      await queue.get()
      const joining = createTask(() => queue.join())
      queue.shutdown(true)
      await sleep(5)
      expect(joining.done()).toBe(false)
      queue.taskDone()
      await joining
      expect(() => queue.taskDone()).toThrow(RangeError)
    }))
})

describe('iteration', () => {
  it('gets items until the queue is shut down and empty', () =>
    run(async () => {
      const queue = new Queue<number>(1)
      const got: number[] = []
      const consumer = createTask(async () => {
        for await (const item of queue) {
          got.push(item)
          queue.taskDone()
        }
        return 'over'
      })
      for (let n = 0; n < 5; n++) await queue.put(n)
      queue.shutdown()
      expect(await consumer).toBe('over')
      expect(got).toEqual([0, 1, 2, 3, 4])
      await queue.join()
      for await (const item of queue) got.push(item)
      expect(got.length).toBe(5)
    }))

  it('several share the items; leaving one early loses none', () =>
    run(async () => {
      const queue = new Queue<number>()
      const got: number[] = []
      const consume = (most: number) =>
        createTask(async () => {
          let left = most
          for await (const item of queue) {
            got.push(item)
            if (--left === 0) break
            await sleep(1)
          }
        })
      const tasks = [consume(2), consume(100)]
      for (let n = 0; n < 10; n++) queue.putNowait(n)
      queue.shutdown()
      await Promise.all(tasks)
      expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }))

  it('gives items that are futures as they are', () =>
    run(async () => {
      const queue = new Queue<Task<string>>()
      const tasks = [createTask(() => sleep(1000, 'late')), createTask(() => sleep(10, 'early'))]
      for (const task of tasks) queue.putNowait(task)
      queue.shutdown()
      const got: Task<string>[] = []
      for await (const task of queue) got.push(task)
      expect(got).toEqual(tasks)
      expect(got.some((task) => task.done())).toBe(false)
    }))

  it('a get that is woken and finds nothing waits on, and can be cancelled still', () =>
    run(async () => {
      const queue = new Queue<string>()
      const getting = createTask(() => queue.get())
      await sleep(0)
      queue.putNowait('a')
      expect(queue.getNowait()).toBe('a')
      await sleep(1)
      expect(inspect(queue)).toContain('getters:1')
      getting.cancel()
      expect(await caught(getting)).toBeInstanceOf(CancelledError)
      expect(inspect(queue)).not.toContain('getters')
    }))

  it('a cancellation ends it as any wait', () =>
    run(async () => {
      const queue = new Queue<number>()
      const consumer = createTask(async () => {
        for await (const _ of queue);
      })
      await sleep(0)
      consumer.cancel()
      expect(await caught(consumer)).toMatchObject({ name: 'CancelledError' })
      queue.putNowait(1)
      expect(queue.qsize()).toBe(1)
    }))
})
