import { expectTypeOf, test } from 'vitest'
import {
  BlockingIOError,
  type BrokenBarrierError,
  CancelledError,
  IncompleteReadError,
  InterruptedError,
  InvalidStateError,
  isSystemError,
  LimitOverrunError,
  LoopError,
  type LoopErrorCode,
  NotImplementedError,
  type QueueEmpty,
  type QueueFull,
  type QueueShutDown,
  SendfileNotAvailableError,
  type SystemError,
  type SystemErrorDetails,
  systemError,
  TimeoutError,
} from '../../src/index.js'

test('what asyncio raises', () => {
  expectTypeOf(new CancelledError('message')).toExtend<Error>()
  expectTypeOf<CancelledError['code']>().toEqualTypeOf<'ABORT_ERR'>()
  expectTypeOf<TimeoutError['code']>().toEqualTypeOf<'ETIMEDOUT'>()
  expectTypeOf(new TimeoutError()).toExtend<Error>()
  expectTypeOf(new InvalidStateError('message')).toExtend<Error>()
  expectTypeOf(new SendfileNotAvailableError('message')).toExtend<Error>()
  expectTypeOf(new IncompleteReadError(Buffer.alloc(0), null)).toExtend<{ partial: Buffer; expected: number | null }>()
  expectTypeOf(new LimitOverrunError('message', 1).consumed).toEqualTypeOf<number>()
  expectTypeOf<BrokenBarrierError | QueueEmpty | QueueFull | QueueShutDown>().toExtend<Error>()
})

test('what stands for errors of Python itself', () => {
  expectTypeOf(new LoopError('message', 'ERR_LOOP_CLOSED').code).toEqualTypeOf<LoopErrorCode>()
  expectTypeOf<'ERR_LOOP_CLOSED' | 'ERR_LOOP_RUNNING'>().toExtend<LoopErrorCode>()
  expectTypeOf(new InterruptedError('SIGINT').signal).toEqualTypeOf<NodeJS.Signals>()
  expectTypeOf(new NotImplementedError('feature', 'backend', 'hint')).toExtend<{
    feature: string
    backend: string
    hint: string
  }>()
})

test('errors of the system have the shape of Node', () => {
  expectTypeOf<SystemError>().toExtend<NodeJS.ErrnoException>()
  expectTypeOf<BlockingIOError>().toExtend<SystemError>()
  expectTypeOf(systemError(-11, 'recv')).toEqualTypeOf<SystemError>()
  expectTypeOf(systemError).parameter(2).toEqualTypeOf<SystemErrorDetails | undefined>()
  const error: unknown = new BlockingIOError()
  if (isSystemError(error)) expectTypeOf(error).toEqualTypeOf<SystemError>()
})
