import { scopes } from '../context/scope.js'
import { LoopError } from '../errors/index.js'
import type { EventLoop } from './event_loop.js'

const running = new Set<EventLoop>()

/** @internal */
export function noteRunning(loop: EventLoop, on: boolean): void {
  if (on) running.add(loop)
  else running.delete(loop)
}

/** The loops that run in this thread. */
export function runningLoops(): EventLoop[] {
  return [...running]
}

/** The loop whose callback or task is executing, or null in code of the host. */
export function executingLoop(): EventLoop | null {
  const loop = scopes.getStore()?.loop ?? null
  return loop?.isRunning() ? loop : null
}

/**
 * The loop whose code is executing; in a callback of the host the loop of its async context, else the only one that runs.
 * @throws LoopError `ERR_LOOP_NOT_RUNNING`
 *
 * asyncio: `get_running_loop`.
 */
export function getRunningLoop(): EventLoop {
  const loop = executingLoop()
  if (loop !== null) return loop
  if (running.size === 1) for (const only of running) return only
  throw new LoopError(
    running.size === 0
      ? 'no running event loop: call this inside run(main), loop.runUntilComplete(...) or a callback of a running loop'
      : `${running.size} event loops run in this thread and the calling code belongs to none of them: use the methods of the loop that is meant`,
    'ERR_LOOP_NOT_RUNNING',
  )
}

/**
 * As `getRunningLoop`, but null where no loop runs. For libraries and loops of your own. asyncio: `_get_running_loop`.
 */
export function _getRunningLoop(): EventLoop | null {
  try {
    return getRunningLoop()
  } catch (error) {
    if (error instanceof LoopError && error.code === 'ERR_LOOP_NOT_RUNNING') return null
    throw error
  }
}

let announced: EventLoop | null = null

/**
 * For loops of your own that are not a `BaseEventLoop`: says that `loop` runs now, or with `null` that it ended, so that
 * `getRunningLoop` finds it in code of the host, too. In its own callbacks and tasks it is found without.
 *
 * asyncio: `_set_running_loop`.
 */
export function _setRunningLoop(loop: EventLoop | null): void {
  if (announced !== null) running.delete(announced)
  if (loop !== null) running.add(loop)
  announced = loop
}
