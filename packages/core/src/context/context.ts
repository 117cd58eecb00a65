/**
 * Context variables. The values that belong to "the work being done": a task runs in a copy of its creator's context,
 * so what it sets is invisible outside. asyncio: `contextvars`.
 *
 * A `Context` holds an immutable map, so a copy is one object. Variables of `AsyncLocalStorage` that belong to the
 * program itself travel into tasks as well (a task begins in its creator's async context), but not into plain
 * callbacks: capturing them there costs 1.4 to 14 us a handle, these cost nothing until one is set.
 */
import { scopes } from './scope.js'

/** By variable; by the variable's name what came from another thread, which has variables of its own. */
type Values = ReadonlyMap<ContextVar<unknown> | string, unknown>

const none: Values = new Map()

/** A mapping of context variables to values. asyncio: `contextvars.Context`. */
export class Context {
  /** @internal replaced, never changed, by `ContextVar.set` */
  _values: Values = none

  /** An independent copy; later changes on one side are not seen on the other. */
  copy(): Context {
    const copy = new Context()
    copy._values = this._values
    return copy
  }

  /** Runs `fn` in this context; what it sets stays in this context. */
  run<T>(fn: () => T): T {
    const scope = scopes.getStore()
    return scopes.run({ loop: scope?.loop ?? null, task: scope?.task ?? null, context: this }, fn)
  }
}

/**
 * A variable whose value belongs to the current context.
 *
 * ```ts
 * import { ContextVar, createTask, run } from '@loop/core'
 *
 * const user = new ContextVar('user', { defaultValue: 'nobody' })
 *
 * await run(async () => {
 *   user.set('ada')
 *   await createTask(async () => {
 *     user.set('grace')
 *   })
 *   console.log(user.get())
 * })
 * ```
 * prints
 * ```text
 * ada
 * ```
 *
 * asyncio: `contextvars.ContextVar`.
 */
export class ContextVar<T> {
  /** What it is called, for people. */
  readonly name: string
  readonly #fallback: { value: T } | null

  /** @param options `defaultValue`: what `get` gives where the variable was not set; without it `get` gives `undefined` there */
  constructor(name: string, options: { defaultValue?: T } = {}) {
    this.name = name
    this.#fallback = 'defaultValue' in options ? { value: options.defaultValue as T } : null
  }

  /** Its value in the current context; the default where it was not set. */
  get(): T | undefined {
    const values = currentContext()._values
    if (values.has(this as ContextVar<unknown>)) return values.get(this as ContextVar<unknown>) as T
    if (values.has(this.name)) return (values.get(this.name) as Received).value as T
    return this.#fallback?.value
  }

  /** Sets it for the current context; gives a function that puts the former value back. */
  set(value: T): () => void {
    const context = currentContext()
    const before = context._values
    anySet = true
    context._values = new Map(before).set(this as ContextVar<unknown>, value)
    return () => {
      const restored = new Map(context._values)
      if (before.has(this as ContextVar<unknown>))
        restored.set(this as ContextVar<unknown>, before.get(this as ContextVar<unknown>))
      else restored.delete(this as ContextVar<unknown>)
      context._values = restored
    }
  }
}

/** Stays false in programs that use no context variable, which then pay nothing for them. */
let anySet = false
const outside = new Context()

/** @internal the value of a variable in another thread; asking for one that could not cross throws */
export interface Received {
  readonly value: unknown
}

/** @internal a context with values from another thread, by the names of their variables */
export function receivedContext(values: ReadonlyMap<string, Received>): Context {
  anySet = true
  const context = new Context()
  context._values = values
  return context
}

function currentContext(): Context {
  return scopes.getStore()?.context ?? outside
}

/** A copy of the current context. asyncio: `contextvars.copy_context`. */
export function copyContext(): Context {
  return currentContext().copy()
}

/** What a handle has to carry: a copy of the current context, or null where no variable is set. */
export function captureContext(): Context | null {
  if (!anySet) return null
  const context = currentContext()
  return context._values.size === 0 ? null : context.copy()
}
