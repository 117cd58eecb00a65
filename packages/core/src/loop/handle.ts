import { inspect } from 'node:util'
import { Context, copyContext } from '../context/context.js'
import { type Scope, scopes } from '../context/scope.js'
import { forgetSchedule, sourceTraceback } from '../introspection/source.js'
import type { Task } from '../tasks/task.js'
import { type Callback, callbackName } from './callback.js'
import type { EventLoop } from './event_loop.js'

/**
 * A callback that waits for its turn; what `callSoon` gives. asyncio: `Handle`.
 *
 * Subclasses (a future's wake-up, a task's first step) stand in the ready queue themselves, so that resuming a task
 * allocates nothing but what the `await` already made.
 */
export class Handle {
  // Declared only, and neither fields nor methods are private to the language: V8 defines those one by one, and where a
  // class has more than four subclasses each definition takes a slow path. It made a task switch 2.5 times as long.
  /** @internal */ declare _callback: Callback | null
  /** @internal */ declare _args: readonly unknown[]
  /** @internal */ declare readonly _loop: EventLoop
  /** @internal null where no context variable was set when it was scheduled */
  declare readonly _context: Context | null
  /** @internal */ declare _cancelled: boolean
  /** @internal stands in the ready queue; an I/O handle must not stand there twice */ declare _queued: boolean

  /**
   * For loops of your own; others use `loop.callSoon`.
   * @param context what the callback runs in; a copy of the current one if left out, `null` for none of its own
   */
  constructor(callback: Callback | null, args: readonly unknown[], loop: EventLoop, context?: Context | null) {
    this._loop = loop
    this._callback = callback
    this._args = args
    this._context = context === undefined ? copyContext() : context
    this._cancelled = false
    this._queued = false
  }

  /** Takes the callback back if it has not run; lets go of it and its arguments. */
  cancel(): void {
    if (this._cancelled) return
    this._cancelled = true
    this._callback = null
    this._args = []
    forgetSchedule(this)
  }

  /** Whether it was taken back. */
  cancelled(): boolean {
    return this._cancelled
  }

  /** The context that the callback runs in. */
  getContext(): Context {
    return this._context ?? new Context()
  }

  /** For loops of your own: runs the callback, unless it was taken back. Its errors go to the loop's exception handler. */
  _run(): void {
    const callback = this._callback as ((...args: unknown[]) => unknown) | null
    if (callback === null) return
    try {
      if (this._context === null) callback.apply(undefined, this._args as unknown[])
      else scopes.run(this._scope(this._context), () => callback.apply(undefined, this._args as unknown[]))
    } catch (exception) {
      const context = {
        message: `Exception in callback ${callbackName(callback)}`,
        exception: exception as Error,
        handle: this as Handle,
        ...sourceTraceback(this),
      }
      if (this._context === null) this._loop.callExceptionHandler(context)
      else scopes.run(this._scope(this._context), () => this._loop.callExceptionHandler(context))
    }
  }

  private _scope(context: Context): Scope {
    return { loop: this._loop, task: null, context }
  }

  /** @internal the task whose code it resumes, or null */
  _resumes(): Task<unknown> | null {
    return null
  }

  /** @internal for reports of slow callbacks */
  _describe(): string {
    return `<Handle ${this._callback === null ? 'cancelled' : callbackName(this._callback)}>`
  }

  [inspect.custom](): string {
    return this._describe()
  }
}
