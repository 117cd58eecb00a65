import { expectTypeOf, test } from 'vitest'
import {
  type Executor,
  type FunctionJob,
  type Future,
  type Job,
  type JobFunction,
  type ModuleFunction,
  type ModuleJob,
  newEventLoop,
  type RemoteCall,
  RemoteLoop,
  runCoroutineThreadsafe,
  type SelfContained,
  type ShutdownOptions,
  type ThreadFuture,
  type ThreadHandle,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
  toThread,
} from '../../src/index.js'

const loop = newEventLoop()
const exported: ModuleFunction = { module: new URL('file:///work.js'), name: 'work', transfer: [], signal: undefined }

test('toThread and runInExecutor infer the arguments and the result of a function', () => {
  const fn = (a: number, b: string) => a + b.length
  expectTypeOf(toThread(fn, 1, 'x')).toEqualTypeOf<Promise<number>>()
  expectTypeOf(toThread(async (a: number) => a, 1)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(toThread({ fn, transfer: [] }, 1, 'x')).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.runInExecutor(null, fn, 1, 'x')).toEqualTypeOf<Future<number>>()
  expectTypeOf(loop.runInExecutor(null, async () => 'x')).toEqualTypeOf<Future<string>>()
  expectTypeOf<SelfContained<[number, string], number>>().toHaveProperty('fn').toEqualTypeOf<typeof fn>()
})

test('what a module exports has the type that is asked for', () => {
  expectTypeOf(toThread<Buffer>(exported, 1, 'x')).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(toThread(exported)).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(loop.runInExecutor<number>(null, exported, 1)).toEqualTypeOf<Future<number>>()
  expectTypeOf(loop.runInExecutor<number>(null, () => 1, 5)).toEqualTypeOf<Future<number>>()
  expectTypeOf<ModuleFunction>().toExtend<JobFunction>()
})

test('executors', () => {
  expectTypeOf<ThreadPoolExecutor>().toExtend<Executor & AsyncDisposable>()
  expectTypeOf(ThreadPoolExecutor).constructorParameters.toEqualTypeOf<[ThreadPoolExecutorOptions?]>()
  expectTypeOf<Job>().toEqualTypeOf<ModuleJob | FunctionJob>()
  expectTypeOf<Executor['submit']>().returns.resolves.toBeUnknown()
  expectTypeOf<Executor['shutdown']>().toEqualTypeOf<(options?: ShutdownOptions) => Promise<void>>()
  expectTypeOf(loop.setDefaultExecutor).parameters.toEqualTypeOf<[Executor]>()
  class Own {
    // biome-ignore lint/complexity/noBannedTypes: as the interface has it
    async submit<T>(job: { module: string | URL; name: string; args: unknown[] } | { fn: Function; args: unknown[] }) {
      return job as T
    }
    async shutdown(_options?: { wait?: boolean; cancelFutures?: boolean }) {}
  }
  expectTypeOf<Own>().toExtend<Executor>()
})

test('loops of other threads', () => {
  const handle = loop.threadHandle()
  expectTypeOf(handle).toEqualTypeOf<ThreadHandle>()
  const remote = new RemoteLoop(handle)
  expectTypeOf(remote.callSoonThreadsafe(exported, 1)).toEqualTypeOf<RemoteCall>()
  expectTypeOf(remote).toExtend<Disposable>()
  expectTypeOf<RemoteCall['cancelled']>().returns.toEqualTypeOf<boolean>()
  expectTypeOf(runCoroutineThreadsafe(async () => 1, loop)).toEqualTypeOf<ThreadFuture<number>>()
  expectTypeOf(runCoroutineThreadsafe<string>({ module: 'm', name: 'n', args: [] }, handle)).toEqualTypeOf<
    ThreadFuture<string>
  >()
  expectTypeOf<ThreadFuture<number>>().toExtend<Promise<number>>()
  // @ts-expect-error a loop's own object does not get into another thread
  new RemoteLoop(loop)
})
