import { expectTypeOf, test } from 'vitest'
import {
  type Abortable,
  ALL_COMPLETED,
  allTasks,
  asCompleted,
  type Context,
  type Coroutine,
  createEagerTaskFactory,
  createTask,
  currentTask,
  type EventLoop,
  eagerTaskFactory,
  ensureFuture,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Future,
  gather,
  iscoroutinefunction,
  type Outcome,
  type ReturnWhen,
  shield,
  sleep,
  type Task,
  type TaskConstructor,
  type TaskFactory,
  TaskGroup,
  type TaskOptions,
  Timeout,
  timeout,
  timeoutAt,
  type WaitOptions,
  type WaitResult,
  wait,
  waitFor,
  wrapFuture,
} from '../../src/index.js'

declare const task: Task<number>
declare const future: Future<string>

test('createTask', () => {
  expectTypeOf(createTask(async () => 1)).toEqualTypeOf<Task<number>>()
  expectTypeOf(createTask(() => sleep(1))).toEqualTypeOf<Task<void>>()
  expectTypeOf(createTask(() => 'plain')).toEqualTypeOf<Task<string>>()
  expectTypeOf(createTask(() => future)).toEqualTypeOf<Task<string>>()
  expectTypeOf(createTask).parameter(1).toEqualTypeOf<TaskOptions | undefined>()
  expectTypeOf<TaskOptions>().toEqualTypeOf<{
    name?: string | undefined
    eagerStart?: boolean | undefined
    context?: Context | undefined
  }>()
  expectTypeOf<Coroutine<number>>().toEqualTypeOf<() => PromiseLike<number> | number>()
  // @ts-expect-error not the promise of a coroutine
  createTask(sleep(1))
})

test('Task', () => {
  expectTypeOf<Task<number>>().toExtend<Future<number>>()
  expectTypeOf(task.getName()).toEqualTypeOf<string>()
  expectTypeOf(task.setName).parameters.toEqualTypeOf<[string]>()
  expectTypeOf(task.cancelling()).toEqualTypeOf<number>()
  expectTypeOf(task.uncancel()).toEqualTypeOf<number>()
  expectTypeOf(task.signal).toEqualTypeOf<AbortSignal>()
  expectTypeOf(task.getCoro()).toEqualTypeOf<Coroutine<number> | null>()
  expectTypeOf(task.getContext()).toEqualTypeOf<Context>()
  expectTypeOf(task.setResult).returns.toEqualTypeOf<never>()
  expectTypeOf(currentTask()).toEqualTypeOf<Task | null>()
  expectTypeOf(currentTask).parameter(0).toEqualTypeOf<EventLoop | null | undefined>()
  expectTypeOf(allTasks()).toEqualTypeOf<Set<Task>>()
})

test('sleep', () => {
  expectTypeOf(sleep(1)).toEqualTypeOf<Promise<void>>()
  expectTypeOf(sleep(1, 'result')).toEqualTypeOf<Promise<string>>()
  expectTypeOf(sleep(1, 42, { signal: task.signal })).toEqualTypeOf<Promise<number>>()
  // @ts-expect-error a delay is a number of milliseconds
  sleep('1')
})

test('gather infers as Promise.all does', () => {
  expectTypeOf(gather([async () => 1, Promise.resolve('x'), future, task])).toEqualTypeOf<
    Future<[number, string, string, number]>
  >()
  expectTypeOf(gather([])).toEqualTypeOf<Future<[]>>()
  expectTypeOf(gather([async () => 1, async () => 'x'], { returnExceptions: true })).toEqualTypeOf<
    Future<[number | Error, string | Error]>
  >()
  expectTypeOf(gather([async () => 1], { returnExceptions: false })).toEqualTypeOf<Future<[number]>>()
  expectTypeOf(gather([async () => 1], { returnExceptions: true as boolean })).toEqualTypeOf<Future<[number | Error]>>()
  const list: (() => Promise<number>)[] = []
  expectTypeOf(gather(list)).toEqualTypeOf<Future<number[]>>()
  expectTypeOf(gather(new Set([task]))).toEqualTypeOf<Future<number[]>>()
  expectTypeOf(gather(new Set([task]), { returnExceptions: true })).toEqualTypeOf<Future<(number | Error)[]>>()
  const pair = [async () => 1, async () => 'x'] as const
  expectTypeOf(gather(pair)).toEqualTypeOf<Future<[number, string]>>()
  // @ts-expect-error not something to await
  gather([1])
  expectTypeOf<Outcome<() => Promise<1>>>().toEqualTypeOf<1>()
  expectTypeOf<Outcome<Future<1>>>().toEqualTypeOf<1>()
})

test('wait keeps the type of its futures', () => {
  expectTypeOf(wait([task])).toEqualTypeOf<Promise<WaitResult<Task<number>>>>()
  expectTypeOf<WaitResult<Task>>().toEqualTypeOf<{ done: Set<Task>; pending: Set<Task> }>()
  expectTypeOf(wait(new Set([future]))).toEqualTypeOf<
    Promise<{ done: Set<Future<string>>; pending: Set<Future<string>> }>
  >()
  expectTypeOf(wait).parameter(1).toEqualTypeOf<WaitOptions | undefined>()
  expectTypeOf<ReturnWhen>().toEqualTypeOf<'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED'>()
  expectTypeOf(FIRST_COMPLETED).toEqualTypeOf<'FIRST_COMPLETED'>()
  expectTypeOf(FIRST_EXCEPTION).toEqualTypeOf<'FIRST_EXCEPTION'>()
  expectTypeOf(ALL_COMPLETED).toEqualTypeOf<'ALL_COMPLETED'>()
  wait([task], { returnWhen: FIRST_COMPLETED, timeout: 1000, signal: task.signal })
  // @ts-expect-error the task of an async function could not be found in the result
  wait([async () => 1])
  // @ts-expect-error no such condition
  wait([task], { returnWhen: 'SOMETIMES' })
})

test('waitFor, timeout, timeoutAt', () => {
  expectTypeOf(waitFor(async () => 1, 1000)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(waitFor(future, null)).toEqualTypeOf<Promise<string>>()
  expectTypeOf(waitFor(Promise.resolve(1), 1, { signal: task.signal })).toEqualTypeOf<Promise<number>>()
  expectTypeOf(timeout(1000, async () => 1)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(timeoutAt(null, () => sleep(1, 'x'))).toEqualTypeOf<Promise<string>>()
  timeout(null, async (scope) => {
    expectTypeOf(scope).toEqualTypeOf<Timeout>()
    expectTypeOf(scope.when()).toEqualTypeOf<number | null>()
    expectTypeOf(scope.expired()).toEqualTypeOf<boolean>()
    expectTypeOf(scope.reschedule).parameters.toEqualTypeOf<[number | null]>()
  })
  expectTypeOf(new Timeout(10).run(async () => 1)).toEqualTypeOf<Promise<number>>()
  // @ts-expect-error the time comes first
  timeout(async () => 1, 1000)
})

test('TaskGroup', () => {
  const body = async (group: TaskGroup) => {
    expectTypeOf(group.createTask(async () => 1)).toEqualTypeOf<Task<number>>()
    expectTypeOf(group.createTask).parameter(1).toEqualTypeOf<TaskOptions | undefined>()
    expectTypeOf(group.cancel()).toEqualTypeOf<void>()
    return 'result'
  }
  expectTypeOf(TaskGroup.run(body)).toEqualTypeOf<Promise<string>>()
  expectTypeOf(new TaskGroup().run(body)).toEqualTypeOf<Promise<string>>()
  TaskGroup.run(async (group) => {
    expectTypeOf(group).toEqualTypeOf<TaskGroup>()
  })
})

test('shield, ensureFuture, wrapFuture', () => {
  expectTypeOf(shield(async () => 1)).toEqualTypeOf<Future<number>>()
  expectTypeOf(shield(future)).toEqualTypeOf<Future<string>>()
  expectTypeOf(ensureFuture(Promise.resolve(1))).toEqualTypeOf<Future<number>>()
  expectTypeOf(ensureFuture(async () => 1)).toEqualTypeOf<Future<number>>()
  expectTypeOf(wrapFuture(Promise.resolve(1))).toEqualTypeOf<Future<number>>()
})

test('asCompleted can be iterated in both ways', async () => {
  for await (const done of asCompleted([task, async () => 'x'])) {
    expectTypeOf(done).toEqualTypeOf<Future<number | string>>()
  }
  for (const next of asCompleted([task], { timeout: 1000 })) expectTypeOf(await next).toEqualTypeOf<number>()
})

test('factories of tasks', () => {
  expectTypeOf(eagerTaskFactory).toEqualTypeOf<TaskFactory>()
  expectTypeOf(createEagerTaskFactory).toEqualTypeOf<(taskClass: TaskConstructor) => TaskFactory>()
  expectTypeOf<TaskFactory>().toEqualTypeOf<
    <T>(loop: EventLoop, coro: Coroutine<T>, options: TaskOptions) => Future<T>
  >()
  expectTypeOf<typeof Task>().toExtend<TaskConstructor>()
})

test('iscoroutinefunction narrows', () => {
  const value = {} as unknown
  if (iscoroutinefunction(value)) expectTypeOf(value).toEqualTypeOf<(...args: never[]) => Promise<unknown>>()
})

test('Abortable', () => {
  expectTypeOf<WaitOptions>().toExtend<Abortable>()
})
