import { Handle } from '../loop/handle.js'
import type { Task } from './task.js'

const noArguments: readonly unknown[] = []

/** A task's turn to begin. Ends its slice: the body starts in a microtask. */
export class FirstStep extends Handle {
  readonly #task: Task<unknown>

  constructor(task: Task<unknown>) {
    super(null, noArguments, task._loop, null)
    this.#task = task
  }

  override _run(): void {
    this._loop._endSlice()
    this.#task._begin()
  }

  override _resumes(): Task<unknown> | null {
    return this.#task
  }

  override _describe(): string {
    return this.#task._describe()
  }
}
