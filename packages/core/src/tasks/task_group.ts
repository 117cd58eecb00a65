import { inspect } from 'node:util'
import { CancelledError, LoopError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortError } from './abortable.js'
import { currentTask } from './current_task.js'
import type { Coroutine, Task, TaskOptions } from './task.js'

type Body<T> = (group: TaskGroup) => PromiseLike<T> | T

/**
 * Tasks that begin and end together: `run` returns when all of them are done, and one that fails ends the others.
 *
 * ```ts
 * import { run, sleep, TaskGroup } from '@loop/core'
 *
 * await run(async () => {
 *   const tasks = await TaskGroup.run(async (group) => [
 *     group.createTask(() => sleep(2, 'a')),
 *     group.createTask(() => sleep(1, 'b')),
 *   ])
 *   console.log(tasks.map((task) => task.result()))
 * })
 * ```
 * prints
 * ```text
 * [ 'a', 'b' ]
 * ```
 *
 * asyncio: `TaskGroup`, of which `run` is the `async with` block.
 */
export class TaskGroup {
  #loop: EventLoop | null = null
  #parent: Task | null = null
  /** The parent's count of cancel requests before the block. */
  #cancelling = 0
  #exiting = false
  #aborting = false
  /** The parent was cancelled by this group, which therefore has to take that back. */
  #parentCancelled = false
  readonly #tasks = new Set<Task>()
  readonly #errors: unknown[] = []
  #allDone: Future<void> | null = null
  readonly #oneDone = onBehalfOf(
    () => this.#parent,
    (task: Task) => this.#taskDone(task),
  )

  /**
   * Runs `body` in the current task as the group's block.
   * @param options `signal`: cancels the body and the tasks, as a cancellation of the task that runs the block does
   * @returns what the body returns; `undefined` if the group was ended by `cancel()` before it could
   * @throws AggregateError with every error of the body and of the tasks, except cancellations; CancelledError if the
   *   task that runs the block is cancelled, or `signal` aborts; LoopError outside a task, or if this group ran before
   */
  static run<T>(body: Body<T>, options: Abortable = {}): Promise<T> {
    return new TaskGroup().run(body, options)
  }

  /** As `TaskGroup.run`, for a group that others were given beforehand, to be able to `cancel()` it. */
  run<T>(body: Body<T>, options: Abortable = {}): Promise<T> {
    if (typeof body !== 'function') throw new TypeError(`The body must be an async function, not ${inspect(body)}`)
    return this.#run(body, options.signal)
  }

  /**
   * Starts a task that the group waits for. Tasks of the group may do so too.
   * @throws LoopError `ERR_LOOP_STATE` before the block began, after it ended, and once the group is being ended
   */
  createTask<T>(coro: Coroutine<T>, options: TaskOptions = {}): Task<T> {
    if (this.#loop === null) throw this.#wrongState('has not been entered')
    if (this.#exiting && this.#tasks.size === 0) throw this.#wrongState('is finished')
    if (this.#aborting) throw this.#wrongState('is shutting down')
    const task = this.#loop.createTask(coro, options)
    this.#tasks.add(task)
    // Through the loop also if its eager step was all: an error at this point would interrupt whoever creates the task.
    task.addDoneCallback(this.#oneDone)
    // Its eager step may have cancelled the group, at a time when the group did not have it yet.
    if (this.#aborting && !task.done()) task.cancel()
    return task
  }

  /**
   * Ends the group: cancels the body and every task of it that is not done; `run` then returns without an error. Before
   * `run` it takes effect at the body's first wait; after it, or a second time, it does nothing. Python 3.15.
   */
  cancel(): void {
    this.#end()
  }

  /** Whether that is what ends it. */
  #end(): boolean {
    if (this.#aborting || (this.#exiting && this.#tasks.size === 0)) return false
    this.#abort()
    if (this.#parent !== null) this.#cancelParent()
    return true
  }

  async #run<T>(body: Body<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw abortError(signal)
    this.#enter()
    let aborted = false
    const abort = () => {
      aborted = this.#end()
    }
    signal?.addEventListener('abort', abort, { once: true })
    let result: T | undefined
    let failure: { error: unknown } | null = null
    try {
      result = await body(this)
    } catch (error) {
      failure = { error }
    }
    try {
      await this.#exit(failure)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
    if (aborted) throw abortError(signal!)
    return result as T
  }

  #enter(): void {
    if (this.#loop !== null) throw this.#wrongState('has already been entered')
    const loop = getRunningLoop()
    this.#parent = currentTask(loop)
    if (this.#parent === null) throw this.#wrongState('cannot determine the parent task: run it inside a task')
    this.#loop = loop
    this.#cancelling = this.#parent.cancelling()
    if (this.#aborting) this.#cancelParent()
  }

  async #exit(failure: { error: unknown } | null): Promise<void> {
    this.#exiting = true
    const parent = this.#parent!
    let cancellation = failure?.error instanceof CancelledError ? failure.error : null
    if (failure !== null && !this.#aborting) this.#abort()
    while (this.#tasks.size > 0) {
      this.#allDone ??= this.#loop!.createFuture<void>()
      try {
        await this.#allDone
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        // While the group is being ended this may be its own cancellation, come late.
        if (!this.#aborting) {
          cancellation = error
          this.#abort()
        }
      }
      this.#allDone = null
    }
    if (this.#parentCancelled && parent.uncancel() <= this.#cancelling) cancellation = null
    if (failure !== null && !(failure.error instanceof CancelledError)) this.#errors.push(failure.error)
    if (this.#errors.length > 0) {
      // Somebody else cancelled the parent as well: the error goes first, the cancellation to the parent's next wait.
      if (parent.cancelling() > 0) {
        parent.uncancel()
        parent.cancel()
      }
      throw new AggregateError(this.#errors, 'unhandled errors in a TaskGroup')
    }
    if (cancellation !== null) throw cancellation
  }

  #taskDone(task: Task): void {
    this.#tasks.delete(task)
    if (this.#tasks.size === 0 && this.#allDone !== null && !this.#allDone.done()) this.#allDone.setResult()
    if (task.cancelled()) return
    const error = task.exception()
    if (error === null) return
    this.#errors.push(error)
    if (this.#aborting) return
    this.#abort()
    this.#cancelParent()
  }

  #abort(): void {
    this.#aborting = true
    for (const task of this.#tasks) if (!task.done()) task.cancel()
  }

  #cancelParent(): void {
    this.#parentCancelled = true
    this.#parent!.cancel()
  }

  #wrongState(what: string): LoopError {
    return new LoopError(`TaskGroup ${what}`, 'ERR_LOOP_STATE')
  }
}
