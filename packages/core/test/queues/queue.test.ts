import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  LifoQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  sleep,
  TaskGroup,
  timeout,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

describe('Queue', () => {
  it('[QUEU-01] gives items in their order; qsize, empty, full and maxsize', () =>
    run(async () => {
      const queue = new Queue<number>(2)
      expect(queue.maxsize).toBe(2)
      expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false])
      await queue.put(1)
      expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([1, false, false])
      queue.putNowait(2)
      expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([2, false, true])
      expect(inspect(queue)).toBe('<Queue [maxsize:2, items:2, unfinished:2]>')
      expect([await queue.get(), queue.getNowait()]).toEqual([1, 2])
      expect(queue.empty()).toBe(true)
    }))

  it('keeps the order through many items', () => {
    const queue = new Queue<number>()
    let next = 0
    for (let n = 0; n < 5000; n++) {
      queue.putNowait(n)
      if (n % 3 === 0) expect(queue.getNowait()).toBe(next++)
    }
    while (!queue.empty()) expect(queue.getNowait()).toBe(next++)
    expect(next).toBe(5000)
  })

  it('[QUEU-02] a maxsize of 0 or less is any number; a fraction is compared as it is', () => {
    for (const maxsize of [0, -1, Number.NEGATIVE_INFINITY]) {
      const queue = new Queue<number>(maxsize)
      for (let n = 0; n < 100; n++) queue.putNowait(n)
      expect(queue.full()).toBe(false)
    }
    const queue = new Queue<number>(1.3)
    queue.putNowait(1)
    expect(queue.full()).toBe(false)
    queue.putNowait(2)
    expect(queue.full()).toBe(true)
    expect(() => queue.putNowait(3)).toThrow(QueueFull)
    expect(() => new Queue(Number.NaN)).toThrow(RangeError)
    expect(() => new Queue('3' as never)).toThrow(TypeError)
  })

  it('[QUEU-03] get waits for an item, put for room', () =>
    run(async () => {
      const queue = new Queue<string>(1)
      const seen: string[] = []
      const getting = createTask(async () => {
        seen.push(`got ${await queue.get()}`)
      })
      await sleep(1)
      expect(seen).toEqual([])
      expect(inspect(queue)).toBe('<Queue [maxsize:1, items:0, getters:1]>')
      await queue.put('a')
      await getting
      await queue.put('b')
      const putting = createTask(async () => {
        await queue.put('c')
        seen.push('put c')
      })
      await sleep(1)
      expect(seen).toEqual(['got a'])
      expect(await queue.get()).toBe('b')
      await putting
      expect(seen).toEqual(['got a', 'put c'])
      expect(await queue.get()).toBe('c')
    }))

  it('[QUEU-04] putNowait without room and getNowait without an item are errors', () => {
    const queue = new Queue<number>(1)
    expect(() => queue.getNowait()).toThrow(QueueEmpty)
    expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_EMPTY' }))
    queue.putNowait(1)
    expect(() => queue.putNowait(2)).toThrow(QueueFull)
    expect(() => queue.putNowait(2)).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }))
    expect(queue.getNowait()).toBe(1)
  })

  it('[QUEU-05] a getter that is cancelled when it was given an item leaves it to the next', () =>
    run(async () => {
      const queue = new Queue<string>()
      const first = createTask(() => queue.get())
      const second = createTask(() => queue.get())
      await sleep(0)
      queue.putNowait('a')
      first.cancel()
      expect(await second).toBe('a')
      expect(first.cancelled()).toBe(true)
      const third = createTask(() => queue.get())
      await sleep(0)
      queue.putNowait('b')
      third.cancel()
      await sleep(0)
      expect(queue.getNowait()).toBe('b')
    }))

  it('[QUEU-05] a get with a timeout loses no item that comes in the pass of its end', () =>
    run(async () => {
      const queue = new Queue<number>()
      let put = 0
      let got = 0
      await TaskGroup.run(async (group) => {
        group.createTask(async () => {
          for (; put < 50; put++) {
            await sleep(10)
            queue.putNowait(put)
          }
        })
        for (;;) {
          try {
            const item = await timeout(10, () => queue.get())
            expect(item).toBe(got++)
            if (got === 50) break
          } catch (error) {
            expect(error).toMatchObject({ name: 'TimeoutError' })
          }
        }
      })
      expect(queue.empty()).toBe(true)
    }))

  it('[QUEU-06] cancelled getters and putters are not kept', () =>
    run(async () => {
      const queue = new Queue<number>(1)
      const getters = Array.from({ length: 5 }, () => createTask(() => queue.get()))
      await sleep(0)
      for (const getter of getters.slice(1)) getter.cancel()
      await sleep(0)
      expect(inspect(queue)).toContain('getters:1]')
      queue.putNowait(1)
      await getters[0]
      queue.putNowait(1)
      const putters = Array.from({ length: 5 }, () => createTask(() => queue.put(2)))
      await sleep(0)
      for (const putter of putters) putter.cancel()
      await sleep(0)
      expect(inspect(queue)).toBe('<Queue [maxsize:1, items:1, unfinished:2]>')
    }))

  it('[QUEU-07] a putter that is cancelled when it was given room leaves it to the next', () =>
    run(async () => {
      const queue = new Queue<string>(1)
      queue.putNowait('a')
      const first = createTask(() => queue.put('b'))
      const second = createTask(() => queue.put('c'))
      await sleep(0)
      expect(queue.getNowait()).toBe('a')
      first.cancel()
      await second
      expect(first.cancelled()).toBe(true)
      expect(queue.getNowait()).toBe('c')
      expect(queue.empty()).toBe(true)
    }))

  it('[QUEU-08] cancelling a putter that was woken is an ordinary cancellation', () =>
    run(async () => {
      const queue = new Queue<string>(1)
      queue.putNowait('a')
      const putting = createTask(() => queue.put('b'))
      await sleep(0)
      queue.getNowait()
      queue.putNowait('c')
      putting.cancel('enough')
      expect(await caught(putting)).toMatchObject({ name: 'CancelledError', message: 'enough' })
      expect(queue.getNowait()).toBe('c')
    }))

  it('[QUEU-09] producers and consumers on a queue of size 1 do not wait for one another for ever', () =>
    run(async () => {
      const queue = new Queue<number>(1)
      const got: number[] = []
      await TaskGroup.run(async (group) => {
        for (let producer = 0; producer < 5; producer++) {
          group.createTask(async () => {
            for (let n = 0; n < 10; n++) await queue.put(producer * 10 + n)
          })
        }
        for (let consumer = 0; consumer < 2; consumer++) {
          group.createTask(async () => {
            for (let n = 0; n < 25; n++) got.push(await queue.get())
          })
        }
      })
      expect(got.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n))
    }))

  it('[QUEU-10] putNowait may overtake a put that was woken and has not run yet', () =>
    run(async () => {
      const queue = new Queue<string>(1)
      queue.putNowait('a')
      const putting = createTask(() => queue.put('b'))
      await sleep(0)
      queue.getNowait()
      queue.putNowait('overtaking')
      await sleep(0)
      expect(putting.done()).toBe(false)
      expect(queue.getNowait()).toBe('overtaking')
      await putting
      expect(queue.getNowait()).toBe('b')
    }))

  it('getters get items in the order in which they came', () =>
    run(async () => {
      const queue = new Queue<number>()
      const got: string[] = []
      const tasks = [1, 2, 3].map((n) =>
        createTask(async () => {
          got.push(`${n}: ${await queue.get()}`)
        }),
      )
      await sleep(0)
      for (const item of [1, 2, 3]) queue.putNowait(item)
      await Promise.all(tasks)
      expect(got).toEqual(['1: 1', '2: 2', '3: 3'])
    }))

  it('a signal ends the wait of a get, a put and a join', () =>
    run(async () => {
      const queue = new Queue<number>(1)
      const abort = new AbortController()
      const { signal } = abort
      const getting = createTask(() => queue.get({ signal }))
      await sleep(0)
      abort.abort('enough')
      expect(await caught(getting)).toMatchObject({ name: 'CancelledError', cause: 'enough' })
      queue.putNowait(1)
      expect(await caught(queue.get({ signal }))).toBeInstanceOf(CancelledError)
      expect(await caught(queue.put(2, { signal }))).toBeInstanceOf(CancelledError)
      expect(await caught(queue.join({ signal }))).toBeInstanceOf(CancelledError)
      const later = new AbortController()
      const putting = createTask(() => queue.put(2, { signal: later.signal }))
      const joining = createTask(() => queue.join({ signal: later.signal }))
      await sleep(0)
      later.abort()
      expect(await caught(putting)).toBeInstanceOf(CancelledError)
      expect(await caught(joining)).toBeInstanceOf(CancelledError)
      expect(inspect(queue)).toBe('<Queue [maxsize:1, items:1, unfinished:1]>')
    }))

  it('is made without a loop, and belongs to the one in which somebody waited', async () => {
    const queue = new Queue<number>()
    await run(async () => {
      const getting = createTask(() => queue.get())
      await sleep(0)
      queue.putNowait(1)
      await getting
    })
    const other = new VirtualClockEventLoop()
    const error = await other.runUntilComplete(() => caught(queue.get()))
    other.close()
    expect(error).toMatchObject({ name: 'LoopError', code: 'ERR_LOOP_FOREIGN' })
  })
})

describe('LifoQueue', () => {
  it('[QUEU-11] gives what was put in last', () =>
    run(async () => {
      const queue = new LifoQueue<number>(3)
      for (const item of [1, 2, 3]) await queue.put(item)
      expect(queue.full()).toBe(true)
      expect([await queue.get(), queue.getNowait(), await queue.get()]).toEqual([3, 2, 1])
    }))
})
