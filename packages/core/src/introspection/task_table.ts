/** What `loop ps` shows of this thread: its loops and their tasks, as data that JSON can carry. */
import { inspect } from 'node:util'
import { threadId } from 'node:worker_threads'
import { coreVersion } from '../backend/host.js'
import type { Future } from '../futures/future.js'
import type { EventLoop, LoopBackend } from '../loop/event_loop.js'
import { runningLoops } from '../loop/running.js'
import { Task } from '../tasks/task.js'
import { awaitedBy } from './awaited_by.js'
import { sourceOf } from './source.js'
import { taskFrames } from './task_frames.js'

/** The tasks of a thread at one moment. */
export interface TaskTable {
  /** The process. */
  pid: number
  /** 0 for the main thread. */
  threadId: number
  /** Version of `@loop/core`. */
  version: string
  /** The loops that run. */
  loops: LoopEntry[]
}

/** A loop and its tasks. */
export interface LoopEntry {
  /** Its class. */
  name: string
  /** What it runs on. */
  backend: LoopBackend | null
  /** Whether debug mode is on. */
  debug: boolean
  /** Those that are not done. */
  tasks: TaskEntry[]
  /** How many tasks have no `stack` here because it would have taken too long to ask for all. */
  stacksLeftOut: number
}

/** A task, as it was at that moment. */
export interface TaskEntry {
  /** The same at each look, different for each task of the thread. */
  id: number
  /** Its name. */
  name: string
  /** The name of its function. */
  coroutine: string
  /**
   * `created`: it has not begun; `ready`: what it waited for is there, and its turn comes; `waiting`: for futures of the
   * loop or, where `waitsFor` is empty, for a promise that is not the loop's.
   */
  state: 'created' | 'ready' | 'waiting'
  /** Whether a request to cancel it is outstanding. */
  cancelling: boolean
  /** The futures and tasks it waits for. */
  waitsFor: string[]
  /** Where it stands, innermost first, as lines of an error's `stack`. */
  stack: string[]
  /** In debug mode: where it was created. */
  createdAt: string[]
  /** Ids of the tasks that wait for it, directly or through other futures. */
  awaitedBy: number[]
}

/** Milliseconds: the thread does nothing else while it answers. */
const longEnough = 200

const ids = new WeakMap<Task<unknown>, number>()
let lastId = 0

function idOf(task: Task<unknown>): number {
  const id = ids.get(task) ?? ++lastId
  ids.set(task, id)
  return id
}

/** Every running loop of this thread with its unfinished tasks. */
export function taskTable(): TaskTable {
  const deadline = performance.now() + longEnough
  const loops = runningLoops().map((loop) => loopEntry(loop, deadline))
  return { pid: process.pid, threadId, version: coreVersion, loops }
}

function loopEntry(loop: EventLoop, deadline: number): LoopEntry {
  let stacksLeftOut = 0
  const tasks: TaskEntry[] = []
  for (const task of loop._tasks) {
    if (task.done()) continue
    const inTime = performance.now() < deadline
    if (!inTime) stacksLeftOut++
    tasks.push(taskEntry(task, inTime ? taskFrames(task).map(String) : []))
  }
  return { name: loop.constructor.name, backend: backendOf(loop), debug: loop.getDebug(), tasks, stacksLeftOut }
}

function taskEntry(task: Task<unknown>, stack: string[]): TaskEntry {
  const futures = task._currentWaits().flatMap((wait) => wait._future ?? [])
  return {
    id: idOf(task),
    name: task.getName(),
    coroutine: task.getCoro()?.name || '(anonymous)',
    state: stateOf(task),
    cancelling: task.cancelling() > 0,
    waitsFor: futures.map((future) => inspect(future)),
    stack,
    createdAt: sourceOf(task).map(String),
    awaitedBy: [...tasksAwaiting(task)].map(idOf),
  }
}

function stateOf(task: Task<unknown>): TaskEntry['state'] {
  if (task._created()) return 'created'
  const ready = task._currentWaits().some((wait) => wait._future?.done() ?? true)
  return ready ? 'ready' : 'waiting'
}

/** The tasks that wait for `future`; the futures of `gather` and `shield` between them are passed over. */
function tasksAwaiting(future: Future<unknown>, seen = new Set<Future<unknown>>()): Set<Task<unknown>> {
  const tasks = new Set<Task<unknown>>()
  for (const waiter of awaitedBy(future)) {
    if (seen.has(waiter)) continue
    seen.add(waiter)
    if (waiter instanceof Task) tasks.add(waiter)
    else for (const task of tasksAwaiting(waiter, seen)) tasks.add(task)
  }
  return tasks
}

/** A loop of your own need not have one. */
function backendOf(loop: EventLoop): LoopBackend | null {
  try {
    return loop.backend
  } catch {
    return null
  }
}
