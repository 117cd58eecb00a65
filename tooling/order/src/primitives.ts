import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  LifoQueue,
  Lock,
  LoopError,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  Semaphore,
} from '@loop/core'
import type { Awaiting, Immediate, PrimitiveKind, PrimitiveWait, Value } from './ast.js'
import type { Returned, Run } from './run.js'
import { show, showError } from './show.js'

/** Locks, queues and the like. python/primitives.py is its twin. */

export type Primitive = Lock | Semaphore | Event | Condition | Barrier | Queue<Value>

type Of<Op extends (Immediate | Awaiting)['op']> = Extract<Immediate | Awaiting, { op: Op }>
type Method = (...args: Value[]) => unknown

const makers: { readonly [Kind in PrimitiveKind]: (size: number | undefined, lock: Lock | undefined) => Primitive } = {
  lock: () => new Lock(),
  semaphore: (size) => new Semaphore(size),
  boundedSemaphore: (size) => new BoundedSemaphore(size),
  event: () => new Event(),
  condition: (_size, lock) => new Condition(lock),
  barrier: (size) => new Barrier(size ?? 2),
  queue: (size) => new Queue<Value>(size),
  lifoQueue: (size) => new LifoQueue<Value>(size),
  priorityQueue: (size) => new PriorityQueue<Value>(size),
}

export function make(run: Run, s: Of<'make'>): void {
  const lock = s.lock === undefined ? undefined : run.find(run.primitives, s.lock)
  run.primitives.set(s.name, makers[s.kind](s.size, lock instanceof Lock ? lock : undefined))
}

export function use(run: Run, s: Of<'use'>): void {
  const primitive = run.find(run.primitives, s.name)
  if (primitive === undefined) return
  try {
    const result = method(primitive, s.call).apply(primitive, s.argument === undefined ? [] : [s.argument])
    run.trace(`${s.name} ${s.call} ${show(result)}`)
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.trace(`${s.name} ${s.call} refused ${showError(error)}`)
  }
}

export function look(run: Run, s: Of<'look'>): void {
  const primitive = run.find(run.primitives, s.name)
  if (primitive !== undefined) run.trace(`${s.name} is ${state(primitive)}`)
}

function state(primitive: Primitive): string {
  if (primitive instanceof Event) return `set ${primitive.isSet()}`
  if (primitive instanceof Barrier) return `waiting ${primitive.nWaiting} broken ${primitive.broken}`
  if (!(primitive instanceof Queue)) return `locked ${primitive.locked()}`
  return `size ${primitive.qsize()} empty ${primitive.empty()} full ${primitive.full()}`
}

export async function useAwait(run: Run, s: Of<'useAwait'>): Promise<undefined> {
  const primitive = run.find(run.primitives, s.name)
  if (primitive === undefined) return
  try {
    const result = await waitIn(primitive, s)
    run.trace(`${s.name} ${s.call} ${s.quiet ? 'over' : show(result)}`)
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.trace(`${s.name} ${s.call} refused ${showError(error)}`)
  }
}

/** What the wait resolves to; of an acquire that is true, as in Python. */
export async function waitIn(primitive: Primitive, s: { call: PrimitiveWait; argument?: Value }): Promise<unknown> {
  const result = await method(primitive, s.call).apply(primitive, s.argument === undefined ? [] : [s.argument])
  return s.call === 'acquire' ? true : result
}

export async function hold(run: Run, s: Of<'hold'>, handled: unknown): Promise<Returned | undefined> {
  const primitive = run.find(run.primitives, s.name)
  if (primitive === undefined || !('acquire' in primitive)) return undefined
  const held = await primitive.acquire()
  run.trace(`${s.name} held`)
  // Not by `using`, which would hide the body's error and the release's in a third one.
  try {
    return await run.block(s.body, handled)
  } finally {
    held[Symbol.dispose]()
    run.trace(`${s.name} left`)
  }
}

function method(primitive: Primitive, name: string): Method {
  return (primitive as unknown as Record<string, Method>)[name]!
}

/** Misuse and what a primitive answers to it, rather than what a program itself raises. */
function isRefusal(error: unknown): boolean {
  return [LoopError, RangeError, BrokenBarrierError, QueueEmpty, QueueFull, QueueShutDown].some(
    (kind) => error instanceof kind,
  )
}
