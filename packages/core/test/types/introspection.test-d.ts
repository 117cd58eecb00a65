import { expectTypeOf, test } from 'vitest'
import {
  type CallGraphOptions,
  captureCallGraph,
  type FrameCallGraphEntry,
  type Future,
  type FutureCallGraph,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  printCallGraph,
  type Task,
  type TextOutput,
} from '../../src/index.js'

declare const task: Task<number>
declare const future: Future<string>

test('call graphs', () => {
  expectTypeOf(captureCallGraph()).toEqualTypeOf<FutureCallGraph | null>()
  expectTypeOf(captureCallGraph(task, { limit: 3, depth: 2 })).toEqualTypeOf<FutureCallGraph | null>()
  expectTypeOf(captureCallGraph).parameter(1).toEqualTypeOf<CallGraphOptions | undefined>()
  expectTypeOf(formatCallGraph(future)).toEqualTypeOf<string>()
  expectTypeOf(printCallGraph(null, { file: process.stderr })).toBeVoid()
  expectTypeOf(process.stdout).toExtend<TextOutput>()
  expectTypeOf<FutureCallGraph['callStack']>().toEqualTypeOf<readonly FrameCallGraphEntry[]>()
  expectTypeOf<FutureCallGraph['awaitedBy']>().toEqualTypeOf<readonly FutureCallGraph[]>()
  expectTypeOf<FutureCallGraph['future']>().toEqualTypeOf<Future<unknown>>()
  // @ts-expect-error a promise is no future
  captureCallGraph(Promise.resolve())
})

test('who waits', () => {
  expectTypeOf(futureAddToAwaitedBy(future, task)).toBeVoid()
  expectTypeOf(futureDiscardFromAwaitedBy(future, task)).toBeVoid()
})

test('stacks of tasks', () => {
  expectTypeOf(task.getStack()).toEqualTypeOf<string[]>()
  expectTypeOf(task.getStack(3)).toEqualTypeOf<string[]>()
  expectTypeOf(task.printStack({ file: process.stdout, limit: 3 })).toBeVoid()
})
