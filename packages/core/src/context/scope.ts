import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventLoop } from '../loop/event_loop.js'
import type { Task } from '../tasks/task.js'
import type { Context } from './context.js'

/** Whose work the running code is. A task is its own scope; a loop has one for its plain callbacks. */
export interface Scope {
  readonly loop: EventLoop | null
  readonly task: Task<unknown> | null
  readonly context: Context
}

/**
 * The one storage of the project. It follows the program through every `await`, which is how `currentTask()` is
 * right in code that resumes, and how a future learns which task awaits it.
 */
export const scopes = new AsyncLocalStorage<Scope>()
