import { expectTypeOf, test } from 'vitest'
import {
  _getRunningLoop,
  _setRunningLoop,
  type Abortable,
  BaseEventLoop,
  type Context,
  DefaultEventLoopPolicy,
  EventLoop,
  EventLoopPolicy,
  type Future,
  getEventLoop,
  getEventLoopPolicy,
  getRunningLoop,
  IocpProactor,
  newEventLoop,
  PipeHandle,
  type PipeServer,
  type Proactor,
  ProactorEventLoop,
  Runner,
  type RunnerOptions,
  run,
  type Selector,
  SelectorEventLoop,
  setEventLoop,
  setEventLoopPolicy,
  sleep,
  type Transport,
  WindowsProactorEventLoopPolicy,
  WindowsSelectorEventLoopPolicy,
} from '../../src/index.js'

test('run gives what main gives', () => {
  expectTypeOf(run(async () => 42)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(run(() => sleep(1))).toEqualTypeOf<Promise<void>>()
  expectTypeOf(run(async () => 'x', { debug: true, loopFactory: newEventLoop })).toEqualTypeOf<Promise<string>>()
  expectTypeOf(run(Promise.resolve(1))).toEqualTypeOf<Promise<number>>()
  expectTypeOf(run(null as unknown as Future<Date>)).toEqualTypeOf<Promise<Date>>()
  expectTypeOf(run).parameter(1).toEqualTypeOf<(RunnerOptions & Abortable) | undefined>()
  // @ts-expect-error main is a function or something to await
  run(42)
  // @ts-expect-error an option that does not exist
  run(async () => {}, { loop: newEventLoop() })
  // @ts-expect-error a factory gives a loop
  run(async () => {}, { loopFactory: () => 42 })
})

test('RunnerOptions', () => {
  expectTypeOf<RunnerOptions>().toEqualTypeOf<{
    debug?: boolean | undefined
    loopFactory?: (() => EventLoop) | undefined
  }>()
})

test('Runner', () => {
  expectTypeOf(Runner).constructorParameters.toEqualTypeOf<[options?: RunnerOptions]>()
  const runner = new Runner()
  expectTypeOf(runner.run(async () => 42)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(runner.run).parameter(1).toEqualTypeOf<(Abortable & { context?: Context | undefined }) | undefined>()
  expectTypeOf(runner.getLoop()).toEqualTypeOf<EventLoop>()
  expectTypeOf(runner.close()).toEqualTypeOf<Promise<void>>()
  expectTypeOf<Runner>().toExtend<AsyncDisposable>()
})

test('which loop', () => {
  expectTypeOf(newEventLoop).toEqualTypeOf<() => EventLoop>()
  expectTypeOf(getRunningLoop).toEqualTypeOf<() => EventLoop>()
  expectTypeOf(getEventLoop).toEqualTypeOf<() => EventLoop>()
  expectTypeOf(setEventLoop).toEqualTypeOf<(loop: EventLoop | null) => void>()
  expectTypeOf(_getRunningLoop).toEqualTypeOf<() => EventLoop | null>()
  expectTypeOf(_setRunningLoop).toEqualTypeOf<(loop: EventLoop | null) => void>()
})

test('policies', () => {
  expectTypeOf(getEventLoopPolicy).toEqualTypeOf<() => EventLoopPolicy>()
  expectTypeOf(setEventLoopPolicy).toEqualTypeOf<(to: EventLoopPolicy | null) => void>()
  expectTypeOf<EventLoopPolicy['getEventLoop']>().toEqualTypeOf<() => EventLoop>()
  expectTypeOf<EventLoopPolicy['setEventLoop']>().toEqualTypeOf<(loop: EventLoop | null) => void>()
  expectTypeOf<EventLoopPolicy['newEventLoop']>().toEqualTypeOf<() => EventLoop>()
  // @ts-expect-error it is abstract
  new EventLoopPolicy()
  expectTypeOf(new DefaultEventLoopPolicy()).toExtend<EventLoopPolicy>()
  expectTypeOf(new WindowsSelectorEventLoopPolicy()).toExtend<EventLoopPolicy>()
  expectTypeOf(new WindowsProactorEventLoopPolicy()).toExtend<EventLoopPolicy>()
})

test('loops', () => {
  // @ts-expect-error it is abstract
  new EventLoop()
  // @ts-expect-error it is abstract
  new BaseEventLoop()
  expectTypeOf<BaseEventLoop>().toExtend<EventLoop>()
  expectTypeOf(SelectorEventLoop).constructorParameters.toEqualTypeOf<[selector?: Selector]>()
  expectTypeOf(new SelectorEventLoop()).toExtend<EventLoop>()
  expectTypeOf(new ProactorEventLoop(new IocpProactor())).toExtend<EventLoop>()
  expectTypeOf(new IocpProactor()).toExtend<Proactor>()
  expectTypeOf<Proactor['name']>().toEqualTypeOf<'iocp'>()
  const loop = new ProactorEventLoop()
  expectTypeOf(loop.startServingPipe(() => ({}), 'name')).toEqualTypeOf<Promise<[PipeServer]>>()
  expectTypeOf(loop.createPipeConnection(() => ({}), 'name')).toExtend<Promise<[Transport, object]>>()
  expectTypeOf(PipeHandle.pair).returns.toEqualTypeOf<[PipeHandle, PipeHandle]>()
  expectTypeOf<PipeHandle>().toExtend<{ fileno(): number; close(): void }>()
  expectTypeOf<PipeServer>().toExtend<{ closed(): boolean; close(): void }>()
})
