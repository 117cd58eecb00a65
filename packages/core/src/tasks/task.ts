import { inspect } from 'node:util'
import { Context, copyContext } from '../context/context.js'
import { type Scope, scopes } from '../context/scope.js'
import { CancelledError, LoopError } from '../errors/index.js'
import { Future } from '../futures/future.js'
import type { WakeUp } from '../futures/wake_up.js'
import type { ForeignAwaits } from '../introspection/foreign_awaits.js'
import type { TextOutput } from '../introspection/format_call_graph.js'
import { noteSource } from '../introspection/source.js'
import { printTaskStack, taskStack } from '../introspection/task_stack.js'
import type { EventLoop } from '../loop/event_loop.js'
import { FirstStep } from './first_step.js'
import type { Turn } from './turn.js'

/** A coroutine is an async function: the loop decides when it starts. */
export type Coroutine<T> = () => PromiseLike<T> | T

/** How a task is made. */
export interface TaskOptions {
  /** Shown in reports; `Task-N` if left out. */
  name?: string | undefined
  /** Run the function up to its first `await` inside `createTask`, instead of in the loop's next pass. */
  eagerStart?: boolean | undefined
  /** The context it runs in and shares; a copy of the creator's if left out. */
  context?: Context | undefined
}

type Wait = WakeUp | Turn

let counter = 0

/**
 * A coroutine that the loop runs. Use `createTask`. asyncio: `Task`.
 *
 * It learns what its code awaits from the futures' `then` (see `Future`), so `cancel()` reaches any `await`, however
 * deep in plain async functions.
 */
export class Task<T = unknown> extends Future<T> implements Scope {
  /** @internal Scope: code that runs in a task has the task itself as its scope */ readonly loop: EventLoop
  /** @internal */ readonly context: Context
  /** @internal promises of others that it may await, where they are noted */ _foreign: ForeignAwaits | null = null
  readonly #coroutine: Coroutine<T>
  /** A number until somebody asks: most are never asked. */
  #name: string | number
  #running: Coroutine<T> | null
  #open: (() => void) | null = null
  /** What its code awaits: a future, or its turn after it gave way. */
  #wait: Wait | null = null
  /** What else it awaits: after `Promise.all`, say. */
  #otherWaits: Wait[] | null = null
  #mustCancel = false
  #cancelRequests = 0
  #abort: AbortController | null = null
  /** Of the CancelledError that its code let out. */
  #cause: unknown = undefined

  /**
   * For loops and factories of your own; others use `createTask`.
   * @param options those of `createTask`, and `loop`: the running loop if left out
   */
  constructor(coroutine: Coroutine<T>, options: TaskOptions & { loop?: EventLoop } = {}) {
    super(options.loop === undefined ? {} : { loop: options.loop })
    if (typeof coroutine !== 'function')
      throw new TypeError(`A coroutine must be an async function (not its promise), got ${inspect(coroutine)}`)
    if (options.context !== undefined && !(options.context instanceof Context))
      throw new TypeError(`context must be a Context, not ${inspect(options.context)}`)
    this.#coroutine = coroutine
    this.#running = coroutine
    this.#name = options.name === undefined ? ++counter : String(options.name)
    this.context = options.context ?? copyContext()
    this.loop = this._loop
    noteSource(this)
    this._loop._tasks.add(this)
    if (options.eagerStart && this._loop.isRunning()) {
      this.#step()
    } else {
      // The body starts in a reaction of a promise made here, and so in the creator's async context: what the program
      // keeps in AsyncLocalStorage reaches the task without a snapshot.
      new Promise<void>((open) => {
        this.#open = open
      }).then(() => this.#step())
      this._loop._enqueue(new FirstStep(this))
    }
  }

  /** @internal */
  get task(): Task<unknown> {
    return this as Task<unknown>
  }

  /** Its name. asyncio: `get_name`. */
  getName(): string {
    if (typeof this.#name === 'number') this.#name = `Task-${this.#name}`
    return this.#name
  }

  /** Names it anew. asyncio: `set_name`. */
  setName(name: string): void {
    this.#name = String(name)
  }

  /** The function it runs; null once it is done. asyncio: `get_coro`. */
  getCoro(): Coroutine<T> | null {
    return this.#running
  }

  /** The context it runs in. asyncio: `get_context`. */
  getContext(): Context {
    return this.context
  }

  /**
   * Asks its code to end: what it awaits is cancelled, or the next thing it awaits, and `CancelledError` is thrown there.
   * @returns false if it was done already
   */
  override cancel(message?: string): boolean {
    if (this.done()) return false
    this.#cancelRequests++
    this.#abort?.abort(new CancelledError(message))
    const waits = this._currentWaits()
    let everybodyKnows = waits.length > 0
    for (const { _future: future } of waits) if (!future?.cancel(message)) everybodyKnows = false
    if (everybodyKnows) return true
    this.#mustCancel = true
    this.cancelMessage = message
    return true
  }

  /** How many requests to cancel are outstanding. */
  cancelling(): number {
    return this.#cancelRequests
  }

  /** Takes one request back, for code that dealt with it; gives how many remain. At none, a request not yet delivered is withdrawn. */
  uncancel(): number {
    if (this.#cancelRequests > 0 && --this.#cancelRequests === 0) this.#mustCancel = false
    return this.#cancelRequests
  }

  /** Aborts when the task is asked to cancel: for foreign APIs (`fetch(url, { signal })`). After an `uncancel()` to none, a fresh one. */
  get signal(): AbortSignal {
    if (this.#abort === null || (this.#abort.signal.aborted && this.#cancelRequests === 0)) {
      this.#abort = new AbortController()
      if (this.#cancelRequests > 0) this.#abort.abort(new CancelledError(this.cancelMessage))
    }
    return this.#abort.signal
  }

  /**
   * Where its code waits, or where the error it failed with was thrown: the program's own frames, innermost first, as in
   * an error's `stack`. Empty for a task that has not begun, that is done without an error, and that awaits a promise
   * which is not the loop's (see `serveIntrospection`).
   * @param limit keep this many frames: a positive number the innermost, a negative one the outermost
   *
   * Costs nothing until it is called. On hosts other than Node and Deno it is empty. asyncio: `get_stack`.
   */
  getStack(limit: number | null = null): string[] {
    return taskStack(this as Task<unknown>, limit).map(String)
  }

  /** Prints that. @param options `file`: where to, standard error if left out. asyncio: `print_stack`. */
  printStack(options: { limit?: number | null | undefined; file?: TextOutput | undefined } = {}): void {
    printTaskStack(this as Task<unknown>, options)
  }

  /** A task ends as its function does: this throws LoopError, as in asyncio. */
  override setResult(_value: T): never {
    throw new LoopError('Task does not support setResult operation', 'ERR_LOOP_STATE')
  }

  /** A task ends as its function does: this throws LoopError, as in asyncio. */
  override setException(_exception: unknown): never {
    throw new LoopError('Task does not support setException operation', 'ERR_LOOP_STATE')
  }

  override get [Symbol.toStringTag](): string {
    return 'Task'
  }

  /** @internal the loop gives it its first turn */
  _begin(): void {
    this.#open?.()
    this.#open = null
  }

  /** @internal its code awaits something now; a cancellation that came before catches a future here */
  _waits(wait: Wait): void {
    if (this.#wait === null) this.#wait = wait
    else (this.#otherWaits ??= []).push(wait)
    if (wait._future === null) return
    this._foreign?.clear()
    if (this.#mustCancel && wait._future.cancel(this.cancelMessage)) this.#told()
  }

  /** @internal */
  _waitOver(wait: Wait): void {
    if (this.#wait === wait) this.#wait = this.#otherWaits?.shift() ?? null
    else this.#otherWaits = this.#otherWaits?.filter((other) => other !== wait) ?? null
  }

  /** @internal a cancellation to throw now, in the place of what the task waited for */
  _takeCancellation(): CancelledError | null {
    if (!this.#mustCancel) return null
    this.#told()
    return this._cancelledError()
  }

  /**
   * One of its waits learnt of the cancellation. With `Promise.race` or a promise that is awaited later a task has
   * several, of which some may be over and only wait for their turn: each is told, for it cannot be known which of them
   * the code goes on from.
   */
  #told(): void {
    for (const { _future: future } of this._currentWaits()) {
      if (future === null || (future.done() && !future.cancelled())) return
    }
    this.#mustCancel = false
  }

  /** @internal what its code awaits at this moment: futures of the loop, and turns after it gave way */
  _currentWaits(): readonly Wait[] {
    return this.#wait === null ? [] : [this.#wait, ...(this.#otherWaits ?? [])]
  }

  /** @internal its first turn has not come */
  _created(): boolean {
    return this.#open !== null
  }

  #step(): void {
    const cancellation = this._takeCancellation()
    if (cancellation !== null) return this.#fail(cancellation)
    let outcome: PromiseLike<T> | T
    try {
      outcome = scopes.run(this, this.#coroutine)
    } catch (error) {
      return this.#fail(error)
    }
    const fulfil = (value: T) => this.#finish(value)
    const reject = (error: unknown) => this.#fail(error)
    if (outcome instanceof Promise) outcome.then(fulfil, reject)
    else if (!(outcome instanceof Future))
      isThenable(outcome) ? Promise.resolve(outcome).then(fulfil, reject) : this.#finish(outcome)
    else if (outcome.done()) outcome._settle({ fulfil, reject })
    else scopes.run(this, () => outcome.then(fulfil, reject))
  }

  #finish(value: T): void {
    if (this.#mustCancel) {
      this.#mustCancel = false
      this.#over()
      this._endCancelled(this.cancelMessage)
    } else {
      this.#over()
      super.setResult(value)
    }
  }

  #fail(error: unknown): void {
    this.#over()
    if (!(error instanceof CancelledError)) return this._fail(error)
    this.#cause = error.cause
    this._endCancelled(error.message || undefined)
  }

  /** @internal why its code was ended, an aborted signal's reason say, is of interest to who waits for it too */
  override _cancelledError(): CancelledError {
    return this.#cause === undefined
      ? super._cancelledError()
      : new CancelledError(this.cancelMessage, { cause: this.#cause })
  }

  #over(): void {
    this.#running = null
    this.#wait = null
    this.#otherWaits = null
    this._loop._tasks.delete(this as Task<unknown>)
  }

  override _label(): string {
    return `Task ${inspect(this.getName())}`
  }

  /** @internal for reports */
  _describe(): string {
    return `<Task ${this._state()} name=${inspect(this.getName())} coro=${this.#coroutine.name || '(anonymous)'}>`
  }

  override [inspect.custom](): string {
    return this._describe()
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value
}
