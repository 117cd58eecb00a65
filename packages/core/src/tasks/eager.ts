import type { EventLoop, TaskFactory } from '../loop/event_loop.js'
import { type Coroutine, Task, type TaskOptions } from './task.js'

/** A class of tasks of your own, made as `Task` is; it must heed `eagerStart`. */
export type TaskConstructor = new <T>(coroutine: Coroutine<T>, options: TaskOptions & { loop: EventLoop }) => Task<T>

/**
 * A task factory (`loop.setTaskFactory`) that makes tasks of the given class and starts them inside `createTask`, up to
 * their first `await`. `eagerStart: false` at a single `createTask` keeps that task for the loop's next pass.
 *
 * asyncio: `create_eager_task_factory`.
 */
export function createEagerTaskFactory(taskClass: TaskConstructor): TaskFactory {
  return (loop, coroutine, options) =>
    new taskClass(coroutine, { ...options, eagerStart: options.eagerStart ?? true, loop })
}

/** Starts tasks inside `createTask` instead of in the loop's next pass. asyncio: `eager_task_factory`. */
export const eagerTaskFactory: TaskFactory = createEagerTaskFactory(Task)
