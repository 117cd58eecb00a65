import type { Future } from '../futures/future.js'
import { currentTask } from '../tasks/current_task.js'
import { Task } from '../tasks/task.js'
import { awaitedBy, mustBeFuture } from './awaited_by.js'
import type { FrameCallGraphEntry } from './call_frame.js'
import { runningFrames, taskFrames } from './task_frames.js'

/** A future or task with where it stands and who waits for it. asyncio: `FutureCallGraph`. */
export class FutureCallGraph {
  /** What is waited for. */
  readonly future: Future<unknown>
  /** Where its code stands, innermost first; empty for a plain future. */
  readonly callStack: readonly FrameCallGraphEntry[]
  /** Who waits for it. Where tasks wait for each other in a circle, the one that closes it has no more here. */
  readonly awaitedBy: readonly FutureCallGraph[]

  constructor(
    future: Future<unknown>,
    callStack: readonly FrameCallGraphEntry[],
    awaitedBy: readonly FutureCallGraph[],
  ) {
    this.future = future
    this.callStack = Object.freeze([...callStack])
    this.awaitedBy = Object.freeze([...awaitedBy])
    Object.freeze(this)
  }
}

/** How much of a call graph is wanted. */
export interface CallGraphOptions {
  /** Leave out this many frames of the caller, less one: 1, the default, begins with the code that calls. Of the running task only. */
  depth?: number | undefined
  /** Keep this many frames of each stack: a positive number the innermost, a negative one the outermost; 0 takes no stacks. */
  limit?: number | null | undefined
}

/**
 * The call stack of a task and, through `awaitedBy`, of everything that waits for it. Of the program's frames alone.
 * @param future the running task if left out
 * @returns null if no future is given and no task runs
 * @throws TypeError for what is no future; LoopError `ERR_LOOP_NOT_RUNNING` if no future is given and no loop runs
 *
 * Nothing has to be turned on for it. On hosts other than Node and Deno stacks are empty. asyncio: `capture_call_graph`.
 */
export function captureCallGraph(
  future: Future<unknown> | null = null,
  options: CallGraphOptions = {},
): FutureCallGraph | null {
  if (future !== null) mustBeFuture(future)
  const limit = options.limit ?? null
  const current = future === null ? currentTask() : currentTask(future.getLoop())
  const target = future ?? current
  if (target === null) return null
  if (target !== current) return graphOf(target, limit, new Set())
  const depth = options.depth ?? 1
  const frames = limit === 0 ? [] : limited(runningFrames().slice(Math.max(depth - 1, 0)), limit)
  return new FutureCallGraph(target, frames, waitersOf(target, limit, new Set([target])))
}

function graphOf(future: Future<unknown>, limit: number | null, path: ReadonlySet<Future<unknown>>): FutureCallGraph {
  if (path.has(future)) return new FutureCallGraph(future, [], [])
  const frames = future instanceof Task && limit !== 0 ? limited(taskFrames(future), limit) : []
  return new FutureCallGraph(future, frames, waitersOf(future, limit, new Set(path).add(future)))
}

function waitersOf(
  future: Future<unknown>,
  limit: number | null,
  path: ReadonlySet<Future<unknown>>,
): FutureCallGraph[] {
  return awaitedBy(future).map((waiter) => graphOf(waiter, limit, path))
}

/** @internal */
export function limited<F>(frames: readonly F[], limit: number | null): F[] {
  if (limit === null) return [...frames]
  return limit >= 0 ? frames.slice(0, limit) : frames.slice(limit)
}
