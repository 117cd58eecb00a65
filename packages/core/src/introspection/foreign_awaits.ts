/**
 * Which promises of others a task awaits. A future of the loop knows who awaits it; a promise of `fetch` or of a driver
 * tells nobody. A hook of V8's that runs whenever a promise is made can note it, at 30 to 150 ns an `await`, so that is
 * done only in processes that asked to be looked into.
 */
// By a name of its own, as there are hosts whose module has no hooks.
import * as v8 from 'node:v8'
import { scopes } from '../context/scope.js'
import type { Task } from '../tasks/task.js'

/**
 * The promises that a task's code waited for last; what they hold is kept alive by it, so they are few, and forgotten
 * when the task awaits a future of the loop. The last alone would not do: what `fetch` does behind the scenes belongs to
 * the task as well, and awaits too.
 */
const kept = 8

/** The last promises that were awaited, a ring. */
export class ForeignAwaits {
  readonly #promises: (Promise<unknown> | null)[] = new Array(kept).fill(null)
  #next = 0

  note(promise: Promise<unknown>): void {
    this.#promises[this.#next] = promise
    this.#next = (this.#next + 1) % kept
  }

  clear(): void {
    this.#promises.fill(null)
  }

  /** The last one first. */
  *[Symbol.iterator](): Generator<Promise<unknown>> {
    for (let i = 1; i <= kept; i++) {
      const promise = this.#promises[(this.#next + kept - i) % kept]
      if (promise) yield promise
    }
  }
}

let hook: (() => void) | null = null
let users = 0

/**
 * Begins to note them, until every caller has called the function that it gets. Tasks that wait already are missed. Does
 * nothing on a host without such a hook.
 */
export function noteForeignAwaits(): () => void {
  if (users++ === 0) {
    try {
      hook = v8.promiseHooks.onInit(noteParent) as unknown as () => void
    } catch {
      hook = null
    }
  }
  let ended = false
  return () => {
    if (ended) return
    ended = true
    if (--users > 0) return
    hook?.()
    hook = null
  }
}

/** The promises, last first, of which one may be what the task's code awaits. */
export function foreignAwaits(task: Task<unknown>): Iterable<Promise<unknown>> {
  return task._foreign ?? []
}

/** `parent` is the promise that the new one waits for: the operand of an `await`, or the promise whose `then` was called. */
function noteParent(_promise: Promise<unknown>, parent?: Promise<unknown>): void {
  if (parent === undefined) return
  const task = scopes.getStore()?.task
  if (task == null) return
  task._foreign ??= new ForeignAwaits()
  task._foreign.note(parent)
}
