import {
  currentTask,
  type EventLoop,
  type ExceptionContext,
  type Future,
  gather,
  type Handle,
  shield,
  sleep,
  Task,
  type TaskGroup,
  type Timeout,
} from '@loop/core'
import type { Awaitable, Block, Immediate } from './ast.js'
import { runAwaiting } from './awaiting.js'
import { isImmediate } from './immediate.js'
import { runImmediate } from './now.js'
import { type Primitive, waitIn } from './primitives.js'
import { show, showError } from './show.js'

/** What a statement returns from the function it is in. */
export interface Returned {
  readonly value: unknown
}

export type Waitable = Future<unknown> | (() => Promise<unknown>)

/** One run of one program: what its names stand for, its tasks, and its trace so far. python/run.py is its twin. */
export class Run {
  readonly lines: string[] = []
  readonly tasks = new Set<Task<unknown>>()
  readonly futures = new Map<string, Future<unknown>>()
  readonly handles = new Map<string, Handle>()
  readonly scopes = new Map<string, Timeout>()
  readonly groups = new Map<string, TaskGroup>()
  readonly primitives = new Map<string, Primitive>()
  readonly callbacks = new Map<string, (future: Future<unknown>) => void>()
  readonly #labels = new Map<Future<unknown>, string>()
  ended = false

  constructor(readonly loop: EventLoop) {}

  trace(text: string): void {
    this.#write(currentTask(this.loop)?.getName() ?? '-', text)
  }

  #write(who: string, text: string): void {
    if (!this.ended) this.lines.push(`${this.loop.time()} ${who} ${text}`)
  }

  /** The loop's exception handler. */
  onError(context: ExceptionContext): void {
    // When an error that nobody looked at is reported depends on the collector; one in a callback is reported at once.
    if (context.message.startsWith('Exception in callback')) this.#write('-', `handler ${showError(context.exception)}`)
  }

  find<T>(table: Map<string, T>, name: string): T | undefined {
    const thing = table.get(name)
    if (thing === undefined) this.trace(`${name} is not known`)
    return thing
  }

  knowFuture(name: string, future: Future<unknown>): void {
    this.futures.set(name, future)
    if (!this.#labels.has(future)) this.#labels.set(future, name)
  }

  knowTask(name: string, task: Task<unknown>): Task<unknown> {
    if (!this.tasks.has(task)) {
      this.tasks.add(task)
      task.setName(name)
    }
    this.knowFuture(name, task)
    return task
  }

  label(future: Future<unknown>): string {
    return this.#labels.get(future) ?? '?'
  }

  /** Sets have no order in Python, not even the same one twice. */
  inOrder(futures: Iterable<Future<unknown>>): string {
    return show(Array.from(futures, (each) => this.label(each)).sort())
  }

  /** An async function that runs a block under a name. */
  body(name: string, statements: Block): () => Promise<unknown> {
    return async () => {
      const task = currentTask(this.loop)
      // The library may have made the task, as gather does; where no task was made, this runs in one that is known.
      if (task !== null && !this.tasks.has(task)) this.knowTask(name, task)
      this.trace(`${name} starts`)
      let returned: Returned | undefined
      try {
        returned = await this.block(statements, undefined)
      } catch (error) {
        this.trace(`${name} raises ${showError(error)}`)
        throw error
      }
      this.trace(`${name} returns ${show(returned?.value)}`)
      return returned?.value
    }
  }

  spawn(spec: { name: string; body: Block; eager?: boolean }): Task<unknown> {
    const options = spec.eager ? { name: spec.name, eagerStart: true } : { name: spec.name }
    return this.knowTask(spec.name, this.loop.createTask(this.body(spec.name, spec.body), options))
  }

  async block(statements: Block, handled: unknown): Promise<Returned | undefined> {
    for (const each of statements) {
      // No statement is awaited that has nothing to wait for: an eager task must run on to where it really waits.
      if (isImmediate(each)) runImmediate(this, each, handled)
      else {
        const returned = await runAwaiting(this, each, handled)
        if (returned !== undefined) return returned
      }
    }
    return undefined
  }

  runNow(statements: readonly Immediate[]): void {
    for (const each of statements) runImmediate(this, each, undefined)
  }

  /** What is handed to gather, wait and the rest; undefined if it names what is not known. */
  awaitable(spec: Awaitable): Waitable | undefined {
    switch (spec.is) {
      case 'ref':
        return this.find(this.futures, spec.name)
      case 'spawn':
        return this.spawn(spec)
      case 'fn':
        return this.body(spec.name, spec.body)
      case 'sleep':
        return () => sleep(spec.d, spec.result)
      case 'use': {
        const primitive = this.find(this.primitives, spec.name)
        return primitive === undefined ? undefined : async () => waitIn(primitive, spec)
      }
      case 'shield': {
        const inner = this.awaitable(spec.of)
        return inner === undefined ? undefined : shield(inner)
      }
      case 'gather':
        return gather(this.awaitables(spec.of), { returnExceptions: spec.returnExceptions ?? false })
    }
  }

  awaitables(specs: readonly Awaitable[]): Waitable[] {
    return specs.map((spec) => this.awaitable(spec)).filter((each) => each !== undefined)
  }

  task(name: string): Task<unknown> | undefined {
    const future = this.find(this.futures, name)
    return future instanceof Task ? future : undefined
  }
}
