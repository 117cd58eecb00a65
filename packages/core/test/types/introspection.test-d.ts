import { expectTypeOf, test } from 'vitest'
import {
  type CallGraphOptions,
  captureCallGraph,
  FrameCallGraphEntry,
  type Future,
  FutureCallGraph,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  type IntrospectionServer,
  type LoopBackend,
  type LoopEntry,
  printCallGraph,
  serveIntrospection,
  type Task,
  type TaskEntry,
  type TaskTable,
  type TextOutput,
} from '../../src/index.js'

declare const task: Task<number>
declare const future: Future<string>

test('the call graph', () => {
  expectTypeOf(captureCallGraph()).toEqualTypeOf<FutureCallGraph | null>()
  expectTypeOf(captureCallGraph(task, { depth: 2, limit: null })).toEqualTypeOf<FutureCallGraph | null>()
  expectTypeOf(formatCallGraph(future, { limit: -1 })).toEqualTypeOf<string>()
  expectTypeOf(printCallGraph(null, { file: process.stderr })).toEqualTypeOf<void>()
  expectTypeOf<CallGraphOptions>().toEqualTypeOf<{ depth?: number | undefined; limit?: number | null | undefined }>()
  expectTypeOf<TextOutput>().toEqualTypeOf<{ write(text: string): unknown }>()
  // @ts-expect-error not a promise of the host
  captureCallGraph(Promise.resolve())
})

test('its records', () => {
  expectTypeOf(FutureCallGraph).constructorParameters.toEqualTypeOf<
    [future: Future<unknown>, callStack: readonly FrameCallGraphEntry[], awaitedBy: readonly FutureCallGraph[]]
  >()
  expectTypeOf<FutureCallGraph['future']>().toEqualTypeOf<Future<unknown>>()
  expectTypeOf<FutureCallGraph['callStack']>().toEqualTypeOf<readonly FrameCallGraphEntry[]>()
  expectTypeOf<FutureCallGraph['awaitedBy']>().toEqualTypeOf<readonly FutureCallGraph[]>()
  expectTypeOf(FrameCallGraphEntry).constructorParameters.toEqualTypeOf<[place: string]>()
  expectTypeOf<FrameCallGraphEntry['functionName']>().toEqualTypeOf<string | null>()
  expectTypeOf<FrameCallGraphEntry['fileName']>().toEqualTypeOf<string | null>()
  expectTypeOf<FrameCallGraphEntry['lineNumber']>().toEqualTypeOf<number | null>()
  expectTypeOf<FrameCallGraphEntry['columnNumber']>().toEqualTypeOf<number | null>()
  expectTypeOf<FrameCallGraphEntry['isAsync']>().toEqualTypeOf<boolean>()
})

test('stacks of tasks', () => {
  expectTypeOf(task.getStack()).toEqualTypeOf<string[]>()
  expectTypeOf(task.getStack).parameters.toEqualTypeOf<[limit?: number | null]>()
  expectTypeOf(task.printStack()).toEqualTypeOf<void>()
  expectTypeOf(task.printStack({ limit: 3, file: process.stdout })).toEqualTypeOf<void>()
})

test('who waits for a future', () => {
  expectTypeOf(futureAddToAwaitedBy).parameters.toEqualTypeOf<[future: Future<unknown>, waiter: Future<unknown>]>()
  expectTypeOf(futureDiscardFromAwaitedBy).parameters.toEqualTypeOf<
    [future: Future<unknown>, waiter: Future<unknown>]
  >()
})

test('what is served to `loop ps`', () => {
  expectTypeOf(serveIntrospection()).toEqualTypeOf<Promise<IntrospectionServer>>()
  expectTypeOf<IntrospectionServer>().toExtend<AsyncDisposable>()
  expectTypeOf<IntrospectionServer['path']>().toEqualTypeOf<string>()
  expectTypeOf<IntrospectionServer['close']>().toEqualTypeOf<() => Promise<void>>()
  expectTypeOf<TaskTable>().toEqualTypeOf<{ pid: number; threadId: number; version: string; loops: LoopEntry[] }>()
  expectTypeOf<LoopEntry['backend']>().toEqualTypeOf<LoopBackend | null>()
  expectTypeOf<LoopEntry['tasks']>().toEqualTypeOf<TaskEntry[]>()
  expectTypeOf<TaskEntry['state']>().toEqualTypeOf<'created' | 'ready' | 'waiting'>()
  expectTypeOf<TaskEntry['stack']>().toEqualTypeOf<string[]>()
})
