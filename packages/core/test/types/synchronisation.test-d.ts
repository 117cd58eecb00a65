import { expectTypeOf, test } from 'vitest'
import {
  type Abortable,
  Barrier,
  BoundedSemaphore,
  type Comparator,
  Condition,
  Event,
  type Items,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
} from '../../src/index.js'

test('what is acquired is disposable', () => {
  for (const held of [new Lock(), new Semaphore(2), new BoundedSemaphore(2), new Condition()]) {
    expectTypeOf(held.acquire).toEqualTypeOf<(options?: Abortable) => Promise<Disposable>>()
    expectTypeOf(held.release).toEqualTypeOf<() => void>()
    expectTypeOf(held.locked).toEqualTypeOf<() => boolean>()
  }
})

test('Condition', () => {
  const condition = new Condition(new Lock())
  expectTypeOf(condition.wait()).toEqualTypeOf<Promise<true>>()
  expectTypeOf(condition.waitFor(() => 42)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(condition.notify).toEqualTypeOf<(n?: number) => void>()
  expectTypeOf(condition.notifyAll).toEqualTypeOf<() => void>()
})

test('Event', () => {
  const event = new Event()
  expectTypeOf(event.wait()).toEqualTypeOf<Promise<true>>()
  expectTypeOf(event.set()).toBeVoid()
  expectTypeOf(event.clear()).toBeVoid()
  expectTypeOf(event.isSet()).toEqualTypeOf<boolean>()
})

test('Barrier', () => {
  const barrier = new Barrier(2)
  expectTypeOf(barrier.wait()).toEqualTypeOf<Promise<number>>()
  expectTypeOf(barrier.reset()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(barrier.abort()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(barrier.parties).toEqualTypeOf<number>()
  expectTypeOf(barrier.nWaiting).toEqualTypeOf<number>()
  expectTypeOf(barrier.broken).toEqualTypeOf<boolean>()
})

test('queues', async () => {
  const queue = new Queue<string>(10)
  expectTypeOf(queue.put('x')).toEqualTypeOf<Promise<void>>()
  expectTypeOf(queue.get()).toEqualTypeOf<Promise<string>>()
  expectTypeOf(queue.putNowait('x')).toBeVoid()
  expectTypeOf(queue.getNowait()).toEqualTypeOf<string>()
  expectTypeOf(queue.join()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(queue.taskDone()).toBeVoid()
  expectTypeOf(queue.shutdown).toEqualTypeOf<(immediate?: boolean) => void>()
  expectTypeOf(queue.qsize()).toEqualTypeOf<number>()
  expectTypeOf(queue.empty()).toEqualTypeOf<boolean>()
  expectTypeOf(queue.full()).toEqualTypeOf<boolean>()
  expectTypeOf(queue.maxsize).toEqualTypeOf<number>()
  for await (const item of queue) expectTypeOf(item).toEqualTypeOf<string>()
  // @ts-expect-error an item of another type
  queue.putNowait(42)
  expectTypeOf(new LifoQueue<number>()).toExtend<Queue<number>>()
  const comparator: Comparator<Date> = (a, b) => Number(a) - Number(b)
  expectTypeOf(new PriorityQueue(0, { comparator })).toEqualTypeOf<PriorityQueue<Date>>()
  expectTypeOf<Items<number>>().toExtend<{ put(item: number): void; take(): number }>()
})
