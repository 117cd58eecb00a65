import type { Future } from '../../futures/future.js'
import type { Coroutine, Task, TaskOptions } from '../../tasks/task.js'
import type { EventLoop } from '../event_loop.js'
import type { Handle } from '../handle.js'
import type { TimerHandle } from '../timer_handle.js'

/** Makes the tasks of a loop, for `setTaskFactory`. asyncio: the callable of `set_task_factory`. */
export type TaskFactory = <T>(loop: EventLoop, coro: Coroutine<T>, options: TaskOptions) => Future<T>

/** Callbacks, futures and tasks. */
export interface Scheduling {
  /**
   * Has `callback(...args)` called in the loop's next pass, after what is ready already. It runs in a copy of the current
   * context, and with no current task. What it throws goes to the exception handler.
   * @throws LoopError `ERR_LOOP_CLOSED`; TypeError for what is no function
   *
   * asyncio: `call_soon`.
   */
  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle

  /**
   * As `callSoon`, and wakes the loop. Other threads have no access to this object: they post through a `threadHandle`.
   * asyncio: `call_soon_threadsafe`.
   */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle

  /**
   * As `callSoon`, after a while.
   * @param delay milliseconds, fractions count; 0 or less: in the next pass; `Infinity`: never
   * @throws RangeError for NaN
   *
   * asyncio: `call_later`.
   */
  callLater<A extends unknown[]>(delay: number, callback: (...args: A) => void, ...args: A): TimerHandle

  /**
   * As `callLater`, with a time instead of a delay. Equal times fire in the order in which they were asked for.
   * @param when milliseconds of `time()`
   *
   * asyncio: `call_at`.
   */
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle

  /** Milliseconds of a clock that never goes back, with fractions. asyncio: `time`, in seconds. */
  time(): number

  /** A future of this loop. asyncio: `create_future`. */
  createFuture<T>(): Future<T>

  /**
   * Has the loop run `coro` beside the code that calls this.
   * @param coro an async function (not its promise); it starts in the loop's next pass
   * @throws TypeError if `coro` is no function, LoopError `ERR_LOOP_CLOSED`
   *
   * asyncio: `create_task`.
   */
  createTask<T>(coro: Coroutine<T>, options?: TaskOptions): Task<T>

  /**
   * What makes the tasks of this loop from now on.
   * @param factory `null`: the loop itself again
   * @throws TypeError for anything else
   *
   * asyncio: `set_task_factory`.
   */
  setTaskFactory(factory: TaskFactory | null): void

  /** What makes the tasks, or null if the loop itself does. asyncio: `get_task_factory`. */
  getTaskFactory(): TaskFactory | null
}
