import { inspect } from 'node:util'
import { type Context, captureContext } from '../context/context.js'
import { scopes } from '../context/scope.js'
import { CancelledError, InvalidStateError, LoopError } from '../errors/index.js'
import type { Waiting } from '../introspection/awaited_by.js'
import type { EventLoop } from '../loop/event_loop.js'
import { Handle } from '../loop/handle.js'
import { getRunningLoop } from '../loop/running.js'
import type { Task } from '../tasks/task.js'
import { Turn } from '../tasks/turn.js'
import { forgetUnretrieved, type Unretrieved, watchUnretrieved } from './unretrieved.js'
import { WakeUp } from './wake_up.js'

const pending = 0
const finished = 1
const cancelled = 2

type DoneCallback<F> = (future: F) => void
type Then<T> = <R1 = T, R2 = never>(
  onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
  onRejected?: ((reason: any) => R2 | PromiseLike<R2>) | null,
) => Promise<R1 | R2>

/** Who is told of a future's outcome. */
interface Settled<T> {
  fulfil(value: T): void
  reject(reason: unknown): void
}

/** Something registered for a future's end: a user's callback with its context, or an `await` that has to go on. */
type Entry = { callback: (future: never) => void; context: Context | null } | WakeUp

/**
 * A result that is not there yet. Awaitable, cancellable, bound to one loop. asyncio: `Future`.
 *
 * It is a thenable and not a Promise: what waits for it is woken through the loop's ready queue, in order with
 * everything else, and a task that awaits it can be cancelled.
 */
export class Future<T = unknown> implements PromiseLike<T> {
  // Assigned in the constructor and not private to the language, as of handles: see `Handle`.
  /** @internal */ declare readonly _loop: EventLoop
  declare private _phase: typeof pending | typeof finished | typeof cancelled
  declare private _result: T | undefined
  declare private _exception: Error | null
  declare private _entries: Entry[] | null
  declare private _unretrieved: Unretrieved | null
  /** @internal the last message given to `cancel` */ declare protected cancelMessage: string | undefined

  /** @param options `loop`: where it belongs; the running loop if left out */
  constructor(options: { loop?: EventLoop } = {}) {
    this._loop = options.loop ?? getRunningLoop()
    this._phase = pending
    this._result = undefined
    this._exception = null
    this._entries = null
    this._unretrieved = null
    this.cancelMessage = undefined
  }

  /** The loop it belongs to. asyncio: `get_loop`. */
  getLoop(): EventLoop {
    return this._loop
  }

  /** Whether it has a result or an exception, or was cancelled. asyncio: `done`. */
  done(): boolean {
    return this._phase !== pending
  }

  /** Whether it was cancelled. asyncio: `cancelled`. */
  cancelled(): boolean {
    return this._phase === cancelled
  }

  /** The result; throws the exception it ended with, `CancelledError`, or `InvalidStateError` if it is not done. */
  result(): T {
    if (this._phase === pending) throw new InvalidStateError('Result is not ready.')
    if (this._phase === cancelled) throw this._cancelledError()
    this._retrieved()
    if (this._exception !== null) throw this._exception
    return this._result as T
  }

  /** The exception it ended with or null; throws `CancelledError` if it was cancelled, `InvalidStateError` if it is not done. */
  exception(): Error | null {
    if (this._phase === pending) throw new InvalidStateError('Exception is not set.')
    if (this._phase === cancelled) throw this._cancelledError()
    this._retrieved()
    return this._exception
  }

  /**
   * Ends it with a result.
   * @throws InvalidStateError if it is done already
   *
   * asyncio: `set_result`.
   */
  setResult(value: T): void {
    this._mustBePending()
    this._result = value
    this._phase = finished
    this._schedule()
  }

  /**
   * Ends it with an exception.
   * @param exception an `Error`, or a class of errors, which is then made without arguments
   * @throws InvalidStateError if it is done already; TypeError for what is no error
   *
   * asyncio: `set_exception`.
   */
  setException(exception: Error | (new () => Error)): void {
    this._mustBePending()
    const error = typeof exception === 'function' ? new exception() : exception
    if (!(error instanceof Error))
      throw new TypeError(`A future's exception must be an Error, not ${inspect(exception)}`)
    this._fail(error)
  }

  /**
   * Cancels it if it is not done.
   * @param message goes into the `CancelledError` that those who wait for it get
   * @returns false if it was done already
   */
  cancel(message?: string): boolean {
    if (this._phase !== pending) return false
    this._phase = cancelled
    this.cancelMessage = message
    this._schedule()
    return true
  }

  /** Runs `callback(future)` through the loop once it is done; at the loop's next pass if it is done already. */
  addDoneCallback(callback: DoneCallback<this>): void {
    if (typeof callback !== 'function')
      throw new TypeError(`A done callback must be a function, not ${inspect(callback)}`)
    const entry = { callback: callback as (future: never) => void, context: captureContext() }
    if (this._phase === pending) this._add(entry)
    else this._enqueue(entry)
  }

  /** Takes out every copy of `callback`; gives how many there were. */
  removeDoneCallback(callback: DoneCallback<this>): number {
    const entries = this._entries
    if (entries === null) return 0
    this._entries = entries.filter((entry) => entry instanceof WakeUp || entry.callback !== (callback as unknown))
    return entries.length - this._entries.length
  }

  /**
   * Read by the language at an `await`, synchronously and in the awaiting code's context: that is how a task learns
   * what it waits for, at any depth of plain async functions. Reading it does no more than that, or else a mere
   * `typeof future.then` would make this future a victim of the task's `cancel()`.
   */
  get then(): Then<T> {
    const task = scopes.getStore()?.task ?? null
    return (onFulfilled, onRejected) => this._then(task, onFulfilled, onRejected)
  }

  /** As a promise's. */
  catch<R = never>(onRejected?: ((reason: any) => R | PromiseLike<R>) | null): Promise<T | R> {
    return this.then(null, onRejected)
  }

  /** As a promise's. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return new Promise<T>((resolve, reject) => this.then(resolve, reject)).finally(onFinally)
  }

  get [Symbol.toStringTag](): string {
    return 'Future'
  }

  /** @internal as `setException` for what user code threw, which may be anything */
  _fail(error: unknown): void {
    this._exception = error as Error
    this._phase = finished
    this._unretrieved = watchUnretrieved(this, this._exception)
    this._schedule()
  }

  /** @internal ends it as cancelled, for a task whose code let a CancelledError out */
  _endCancelled(message: string | undefined): void {
    this._phase = cancelled
    this.cancelMessage = message
    this._schedule()
  }

  /** @internal the error that those who wait for a cancelled future get */
  _cancelledError(): CancelledError {
    return new CancelledError(this.cancelMessage)
  }

  /** @internal hands the outcome to an `await`; the error counts as seen only if somebody takes it */
  _settle(waiter: Settled<T>): void {
    if (this._phase === cancelled) waiter.reject(this._cancelledError())
    else if (this._exception !== null) {
      this._retrieved()
      waiter.reject(this._exception)
    } else waiter.fulfil(this._result as T)
  }

  /** @internal an error that reaches somebody by another way needs no report */
  _silence(): void {
    this._retrieved()
  }

  /** @internal */
  _addWakeUp(wakeUp: WakeUp): void {
    this._add(wakeUp)
  }

  private _then<R1, R2>(
    task: Task<unknown> | null,
    onFulfilled: ((value: T) => R1 | PromiseLike<R1>) | null | undefined,
    onRejected: ((reason: unknown) => R2 | PromiseLike<R2>) | null | undefined,
  ): Promise<R1 | R2> {
    let resolve!: (value: unknown) => void
    let reject!: (reason: unknown) => void
    const promise = new Promise<unknown>((fulfil, fail) => {
      resolve = fulfil
      reject = fail
    })
    const waiter = task?.done() ? null : task
    const wakeUp = new WakeUp(this, waiter, promise, onFulfilled, onRejected, resolve, reject)
    const misuse = waiter === null ? null : this._misuse(waiter)
    if (misuse !== null) {
      // It is told in its next turn, as asyncio does it, and may be cancelled until then.
      const refuse = (reason: unknown) => wakeUp.reject(reason)
      waiter!._loop._enqueue(new Turn(waiter!._loop, waiter, refuse, misuse, refuse))
    } else if (this._phase !== pending) this._settle(wakeUp)
    else {
      this._add(wakeUp)
      waiter?._waits(wakeUp)
    }
    return promise as Promise<R1 | R2>
  }

  private _misuse(task: Task<unknown>): LoopError | null {
    if ((task as unknown) === this)
      return new LoopError(`Task cannot await on itself: ${inspect(this)}`, 'ERR_LOOP_STATE')
    if (task._loop === this._loop) return null
    return new LoopError(
      `Task ${task.getName()} got a future attached to a different loop: ${inspect(this)}`,
      'ERR_LOOP_FOREIGN',
    )
  }

  private _mustBePending(): void {
    if (this._phase !== pending) throw new InvalidStateError(`The future is done already: ${inspect(this)}`)
  }

  private _retrieved(): void {
    if (this._unretrieved === null) return
    forgetUnretrieved(this, this._unretrieved)
    this._unretrieved = null
  }

  private _add(entry: Entry): void {
    if (this._entries === null) this._entries = [entry]
    else this._entries.push(entry)
  }

  private _schedule(): void {
    const entries = this._entries
    if (entries === null) return
    this._entries = null
    for (const entry of entries) this._enqueue(entry)
  }

  private _enqueue(entry: Entry): void {
    this._loop._enqueue(
      entry instanceof WakeUp ? entry : new Handle(entry.callback as never, [this], this._loop, entry.context),
    )
  }

  /** @internal who waits for it: the tasks that await it, and those on whose behalf a done callback of ours waits */
  _waiters(): Future<unknown>[] {
    const waiters: Future<unknown>[] = []
    for (const entry of this._entries ?? []) {
      const waiter = entry instanceof WakeUp ? entry._task : (entry.callback as Waiting)._waiter?.()
      if (waiter && !waiter.done()) waiters.push(waiter)
    }
    return waiters
  }

  /** @internal what it failed with, without that counting as looked at */
  _failure(): unknown {
    return this._phase === finished ? this._exception : null
  }

  /** @internal how a report names it when it is gone itself */
  _label(): string {
    return 'Future'
  }

  /** @internal */
  protected _state(): string {
    if (this._phase === pending) return 'pending'
    if (this._phase === cancelled) return 'cancelled'
    return this._exception === null ? 'finished' : `finished exception=${this._exception}`
  }

  [inspect.custom](): string {
    return `<${this.constructor.name} ${this._state()}>`
  }
}

/** Whether `object` is a future of ours or one that behaves like it. asyncio: `isfuture`. */
export function isFuture(object: unknown): object is Future<unknown> {
  if (object instanceof Future) return true
  const candidate = object as Partial<Future> | null
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.addDoneCallback === 'function' &&
    typeof candidate.result === 'function' &&
    typeof candidate.getLoop === 'function'
  )
}
