import { expectTypeOf, test } from 'vitest'
import { type EventLoop, Future, isfuture, type Task } from '../../src/index.js'

declare const future: Future<number>

test('Future', () => {
  expectTypeOf(new Future<string>()).toEqualTypeOf<Future<string>>()
  expectTypeOf(future.result()).toEqualTypeOf<number>()
  expectTypeOf(future.exception()).toEqualTypeOf<Error | null>()
  expectTypeOf(future.done()).toEqualTypeOf<boolean>()
  expectTypeOf(future.cancelled()).toEqualTypeOf<boolean>()
  expectTypeOf(future.cancel).toEqualTypeOf<(message?: string) => boolean>()
  expectTypeOf(future.setResult).parameters.toEqualTypeOf<[number]>()
  expectTypeOf(future.setException).parameter(0).toEqualTypeOf<Error | (new () => Error)>()
  expectTypeOf(future.addDoneCallback((done) => expectTypeOf(done.result()).toEqualTypeOf<number>())).toBeVoid()
  expectTypeOf(future.removeDoneCallback(() => {})).toEqualTypeOf<number>()
  expectTypeOf(future.getLoop()).toEqualTypeOf<EventLoop>()
  // @ts-expect-error another type of result
  future.setResult('text')
})

test('it is awaited as a promise is', async () => {
  expectTypeOf<Future<number>>().toExtend<PromiseLike<number>>()
  expectTypeOf(await future).toEqualTypeOf<number>()
  expectTypeOf(future.then((value) => String(value))).toEqualTypeOf<Promise<string>>()
  expectTypeOf(future.catch(() => 'x')).toEqualTypeOf<Promise<number | string>>()
  expectTypeOf(future.catch((error: Error) => error.name)).toEqualTypeOf<Promise<number | string>>()
  expectTypeOf(future.finally(() => {})).toEqualTypeOf<Promise<number>>()
  expectTypeOf(Promise.all([future, 'x'])).toEqualTypeOf<Promise<[number, string]>>()
})

test('tasks of any result go where tasks are asked for', () => {
  expectTypeOf<Task<number>>().toExtend<Task>()
  expectTypeOf<Future<number>>().toExtend<Future>()
})

test('isfuture narrows', () => {
  const value: unknown = null
  if (isfuture(value)) expectTypeOf(value).toEqualTypeOf<Future<unknown>>()
})
