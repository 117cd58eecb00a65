import { describe, expect, it } from 'vitest'
import { createTask, PriorityQueue, sleep } from '../../src/index.js'
import { virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = []
  while (!queue.empty()) items.push(queue.getNowait())
  return items
}

describe('PriorityQueue', () => {
  it('[QUEU-12] gives the smallest first', () =>
    run(async () => {
      const queue = new PriorityQueue<number>(4)
      for (const item of [3, 1, 10, 2]) await queue.put(item)
      expect(queue.full()).toBe(true)
      expect(await queue.get()).toBe(1)
      expect(drain(queue)).toEqual([2, 3, 10])
    }))

  it('a getter that waits gets the first that comes', () =>
    run(async () => {
      const queue = new PriorityQueue<number>()
      const getting = createTask(() => queue.get())
      await sleep(0)
      queue.putNowait(5)
      queue.putNowait(1)
      // It takes what is first when it runs.
      expect(await getting).toBe(1)
    }))

  it('sorts a thousand numbers, put and got in turns', () => {
    const queue = new PriorityQueue<number>()
    const inside: number[] = []
    let seed = 1
    for (let n = 0; n < 3000; n++) {
      seed = (seed * 48271) % 2147483647
      if (seed % 3 === 0 && inside.length > 0) {
        inside.sort((a, b) => a - b)
        expect(queue.getNowait()).toBe(inside.shift())
      } else {
        queue.putNowait(seed % 500)
        inside.push(seed % 500)
      }
    }
    expect(drain(queue)).toEqual(inside.sort((a, b) => a - b))
  })

  it('gives equal items in the order in which they were put in', () => {
    const queue = new PriorityQueue<{ priority: number; n: number }>(0, {
      comparator: (a, b) => a.priority - b.priority,
    })
    for (let n = 0; n < 100; n++) queue.putNowait({ priority: n % 3, n })
    const order = drain(queue)
    const expected = [0, 1, 2].flatMap((priority) =>
      Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 3 === priority),
    )
    expect(order.map(({ n }) => n)).toEqual(expected)
  })

  it('a comparator decides what comes first', () => {
    const queue = new PriorityQueue<string>(0, { comparator: (a, b) => b.length - a.length })
    for (const item of ['a', 'ccc', 'bb', 'dd']) queue.putNowait(item)
    expect(drain(queue)).toEqual(['ccc', 'bb', 'dd', 'a'])
    expect(() => new PriorityQueue(0, { comparator: 'desc' as never })).toThrow(TypeError)
  })

  it('without one, arrays are compared element by element, as tuples in Python', () => {
    const queue = new PriorityQueue<[number, string] | [number]>()
    for (const item of [[10, 'a'], [9, 'b'], [9, 'a'], [9]] as [number, string][]) queue.putNowait(item)
    expect(drain(queue)).toEqual([[9], [9, 'a'], [9, 'b'], [10, 'a']])
    const entries = new PriorityQueue<[number, { task: string }]>()
    entries.putNowait([1, { task: 'first' }])
    entries.putNowait([1, { task: 'second' }])
    entries.putNowait([0, { task: 'urgent' }])
    expect(drain(entries).map(([, { task }]) => task)).toEqual(['urgent', 'first', 'second'])
  })

  it('when the comparator throws, the queue is as before', () =>
    run(async () => {
      let broken = false
      const queue = new PriorityQueue<number>(0, {
        comparator: (a, b) => {
          if (broken) throw new Error('cannot compare')
          return a - b
        },
      })
      for (const item of [3, 1, 2]) queue.putNowait(item)
      broken = true
      expect(() => queue.putNowait(0)).toThrow('cannot compare')
      await expect(queue.put(0)).rejects.toThrow('cannot compare')
      await expect(queue.get()).rejects.toThrow('cannot compare')
      broken = false
      expect(drain(queue)).toEqual([1, 2, 3])
      for (let n = 0; n < 3; n++) queue.taskDone()
      await queue.join()
    }))
})
