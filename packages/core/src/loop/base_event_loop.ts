/**
 * The platform-independent half of every loop: ready queue, timers, passes and slices, tasks, errors.
 * What waits for the system is a driver; what the system's events mean is the subclass's (`processEvents`).
 */
import { inspect } from 'node:util'
import {
  MORE_END_OF_RUN,
  MORE_HANDLES,
  MORE_NONE,
  STATE_ACTIVE,
  STATE_EVENTS,
  STATE_LENGTH,
  STATE_MORE,
  STATE_READY,
  STATE_STOP,
  TIME_DEADLINE,
  TIMES_LENGTH,
} from '../backend/contract.js'
import { Ring } from '../collections/ring.js'
import { Context, captureContext } from '../context/context.js'
import { type Scope, scopes } from '../context/scope.js'
import { LoopError } from '../errors/index.js'
import { DefaultExecutor } from '../executors/default_executor.js'
import type { Executor } from '../executors/executor.js'
import type { JobFunction } from '../executors/job_function.js'
import { runInExecutor } from '../executors/run_in_executor.js'
import { Future } from '../futures/future.js'
import { report } from '../futures/unretrieved.js'
import { serveIfAsked } from '../introspection/serve.js'
import { noteSchedule } from '../introspection/source.js'
import { ensureFuture } from '../tasks/ensure_future.js'
import { type Coroutine, Task, type TaskOptions } from '../tasks/task.js'
import { type ThreadHandle, ThreadHandles } from '../threads/thread_handle.js'
import { type Callback, mustBeCallback, mustBePlain } from './callback.js'
import { DebugMode } from './debug_mode.js'
import type { Driver, DriverClient } from './driver.js'
import {
  type Awaitable,
  EventLoop,
  type ExceptionContext,
  type ExceptionHandler,
  type TaskFactory,
} from './event_loop.js'
import { reportException, tellHandler } from './exception_report.js'
import { Handle } from './handle.js'
import { executingLoop, noteRunning } from './running.js'
import { TimerHandle } from './timer_handle.js'
import { TimerHeap } from './timer_heap.js'

interface Run {
  resolve(): void
  reject(error: unknown): void
}

/** What every loop of this library has: ready queue, timers, passes, tasks, errors. asyncio: `BaseEventLoop`. */
export abstract class BaseEventLoop extends EventLoop implements DriverClient {
  /** @internal shared memory, which cannot be detached under the pointers that the driver keeps */
  readonly state = new Int32Array(new SharedArrayBuffer(STATE_LENGTH * Int32Array.BYTES_PER_ELEMENT))
  /** @internal as `state` */
  readonly times = new Float64Array(new SharedArrayBuffer(TIMES_LENGTH * Float64Array.BYTES_PER_ELEMENT)).fill(
    Number.POSITIVE_INFINITY,
  )
  readonly #driver: Driver
  readonly #root: Scope
  readonly #ready = new Ring<Handle>()
  readonly #timers = new TimerHeap()
  /** @internal how many passes have begun */ _passes = 0
  #sequence = 0
  #todo = 0
  #inPass = false
  #sliceEnded = false
  #run: Run | null = null
  #closed = false
  #debug: DebugMode | null = null
  #exceptionHandler: ExceptionHandler | null = null
  #taskFactory: TaskFactory | null = null
  readonly #defaultExecutor = new DefaultExecutor(this)
  readonly #threadHandles = new ThreadHandles(this)

  protected constructor(driver: Driver) {
    super()
    this.#root = { loop: this, task: null, context: new Context() }
    // The driver's callbacks run in the scope in which it was attached: plain callbacks have no current task.
    this.#driver = driver
    scopes.run(this.#root, () => driver.attach(this))
    this.setDebug(/^(1|true)$/.test(process.env.LOOP_DEBUG ?? ''))
    serveIfAsked()
  }

  // ---- running

  override runForever(): Promise<void> {
    try {
      this.#mustBeRunnable()
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise<void>((resolve, reject) => {
      this.#run = { resolve, reject }
      noteRunning(this, true)
      this.#driver.start()
    })
  }

  override async runUntilComplete<T>(aw: Awaitable<T>): Promise<T> {
    this.#mustBeRunnable()
    const future = ensureFuture(aw, { loop: this })
    const stop = () => this.stop()
    future.addDoneCallback(stop)
    try {
      await this.runForever()
    } finally {
      future.removeDoneCallback(stop)
    }
    if (!future.done()) throw new LoopError('Event loop stopped before Future completed.', 'ERR_LOOP_STOPPED')
    return future.result()
  }

  /** Ends the run once the handles that are ready now have had their turn. */
  override stop(): void {
    this.state[STATE_STOP] = 1
    this.#wake()
  }

  override isRunning(): boolean {
    return this.#run !== null
  }

  override isClosed(): boolean {
    return this.#closed
  }

  override close(): void {
    if (this.#run !== null)
      throw new LoopError(
        'Cannot close a running event loop: call stop() and let the run end first',
        'ERR_LOOP_RUNNING',
      )
    if (this.#closed) return
    this.#closed = true
    this.#ready.clear()
    this.#timers.clear()
    // First whoever waits for the poller, then the poller.
    this.#driver.close()
    this._releaseResources()
    this.#threadHandles.close()
    this.#defaultExecutor.close()
    for (const record of [...this._unretrieved]) report(record)
    this._tasks.clear()
    // It watches no more; whoever asks is told that it was on.
    this.#debug?.end()
  }

  /** What a subclass owns: transports, servers, selectors. At once, without callbacks. */
  protected abstract _releaseResources(): void

  /** Turns what the poll of this pass found into handles (`_enqueueEvent`). `count` is -errno if the poll failed. */
  protected abstract _processEvents(count: number): void

  /** JavaScript tells a program nothing of its async generators, so there is nothing to shut down; see docs/decisions. */
  override async shutdownAsyncgens(): Promise<void> {}

  // ---- scheduling

  override callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    if (this.#closed || typeof callback !== 'function' || this.#debug !== null)
      this.#mustBeSchedulable(callback, 'callSoon')
    const handle = new Handle(callback as never, args, this, captureContext())
    noteSchedule(handle, true)
    this._enqueue(handle)
    return handle
  }

  /** As `callSoon`: other threads have no access to this object and post through a handle of their own. */
  override callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    this.#mustBeSchedulable(callback, 'callSoonThreadsafe')
    return this.callSoon(callback, ...args)
  }

  override callLater<A extends unknown[]>(delay: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    if (typeof delay !== 'number') throw new TypeError(`delay must be a number of milliseconds, not ${inspect(delay)}`)
    if (Number.isNaN(delay)) throw new RangeError('Invalid delay: NaN (not a number)')
    return this.#schedule(this.time() + delay, callback as never, args, 'callLater')
  }

  override callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    if (typeof when !== 'number')
      throw new TypeError(`when must be a number of milliseconds of loop.time(), not ${inspect(when)}`)
    if (Number.isNaN(when)) throw new RangeError('Invalid when: NaN (not a number)')
    return this.#schedule(when, callback as never, args, 'callAt')
  }

  override time(): number {
    return this.#driver.now()
  }

  #schedule(when: number, callback: Callback, args: readonly unknown[], method: string): TimerHandle {
    this.#mustBeSchedulable(callback, method)
    const timer = new TimerHandle(when, callback, args, this, captureContext(), this.#sequence++)
    noteSchedule(timer, true)
    this.#timers.push(timer)
    if (when < this.times[TIME_DEADLINE]!) {
      this.times[TIME_DEADLINE] = when
      this.#wake()
    }
    return timer
  }

  /** @internal */
  override _timerCancelled(): void {
    this.#timers.noteCancelled()
  }

  /** @internal puts a handle into the ready queue and wakes the driver if no pass is running */
  override _enqueue(handle: Handle): void {
    if (this.#closed) throw new LoopError('Event loop is closed', 'ERR_LOOP_CLOSED')
    this.#ready.push(handle)
    this.state[STATE_READY] = 1
    this.#wake()
  }

  /** Inside its turns the driver looks by itself. */
  #wake(): void {
    if (this.#run !== null && this.state[STATE_ACTIVE] === 0) this.#driver.wake()
  }

  /** An I/O handle whose event came: it stands in the queue at most once, also when the loop was stopped in between. */
  protected _enqueueEvent(handle: Handle): void {
    if (handle._queued) return
    handle._queued = true
    this.#ready.push(handle)
  }

  // ---- passes

  /** @internal the running handle resumes awaiting code: the rest of the pass waits until that has run */
  override _endSlice(): void {
    this.#sliceEnded = true
  }

  /** @internal called by the driver only */
  runSlice(): void {
    const state = this.state
    this.#debug?.slow.sliceBegins()
    if (!this.#inPass) {
      if (state[STATE_MORE] === MORE_END_OF_RUN) return this.#endRun()
      this.#beginPass()
    }
    const ready = this.#ready
    const root = this.#root.context
    const rootValues = root._values
    while (this.#todo > 0) {
      this.#todo--
      const handle = ready.shift()
      handle._queued = false
      if (handle._cancelled) continue
      this.#debug?.slow.handleBegins(handle)
      handle._run()
      // What a plain callback sets in its context ends with it.
      if (root._values !== rootValues) root._values = rootValues
      if (this.#sliceEnded) {
        this.#sliceEnded = false
        // After the last handle the pass can be closed before the microtasks run: what they schedule, or a stop(), is
        // noted in the shared state, which the driver reads when they are done. Debug mode comes back to measure them.
        if (this.#todo === 0 && this.#debug === null) break
        state[STATE_MORE] = MORE_HANDLES
        return
      }
      this.#debug?.slow.handleEnds()
    }
    this.#endPass()
  }

  #beginPass(): void {
    this.#inPass = true
    this._passes++
    this.state[STATE_READY] = 0
    const count = this.state[STATE_EVENTS]!
    if (count !== 0) this._processEvents(count)
    if (this.#timers.size > 0) {
      const now = this.time()
      for (let timer = this.#timers.popDue(now); timer !== undefined; timer = this.#timers.popDue(now))
        this.#ready.push(timer)
    }
    this.#todo = this.#ready.length
  }

  #endPass(): void {
    this.#inPass = false
    this.state[STATE_MORE] = MORE_NONE
    this.state[STATE_READY] = this.#ready.length > 0 ? 1 : 0
    this.times[TIME_DEADLINE] = this.#timers.peek()?.when() ?? Number.POSITIVE_INFINITY
  }

  #endRun(): void {
    const run = this.#run
    if (run === null) return
    this.state[STATE_STOP] = 0
    this.state[STATE_MORE] = MORE_NONE
    this.#run = null
    noteRunning(this, false)
    this.#driver.stop()
    run.resolve()
  }

  // ---- futures and tasks

  override createFuture<T>(): Future<T> {
    return new Future<T>({ loop: this })
  }

  override createTask<T>(coro: Coroutine<T>, options: TaskOptions = {}): Task<T> {
    if (this.#closed) throw new LoopError('Event loop is closed', 'ERR_LOOP_CLOSED')
    if (this.#taskFactory !== null) return this.#taskFactory(this, coro, options) as Task<T>
    return new Task(coro, { ...options, loop: this })
  }

  override setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null && typeof factory !== 'function')
      throw new TypeError(`A task factory must be a function or null, not ${inspect(factory)}`)
    this.#taskFactory = factory
  }

  override getTaskFactory(): TaskFactory | null {
    return this.#taskFactory
  }

  // ---- other threads

  override runInExecutor<T>(executor: Executor | null, fn: JobFunction, ...args: unknown[]): Future<T> {
    this._mustBeOpen()
    return runInExecutor<T>(this, this.#defaultExecutor.unless(executor), fn, args)
  }

  override setDefaultExecutor(executor: Executor): void {
    this.#defaultExecutor.set(executor)
  }

  override shutdownDefaultExecutor(timeout: number | null = null): Promise<void> {
    return this.#defaultExecutor.shutdown(timeout)
  }

  override threadHandle(): ThreadHandle {
    this._mustBeOpen()
    return this.#threadHandles.open()
  }

  // ---- errors and debug mode

  override setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== 'function')
      throw new TypeError(`An exception handler must be a function or null, not ${inspect(handler)}`)
    this.#exceptionHandler = handler
  }

  override getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler
  }

  /** Prints the error with what is known of it. */
  override defaultExceptionHandler(context: ExceptionContext): void {
    reportException(context)
  }

  override callExceptionHandler(context: ExceptionContext): void {
    tellHandler(this, this.#exceptionHandler, context)
  }

  override getDebug(): boolean {
    return this.#debug !== null
  }

  override setDebug(on: boolean): void {
    if (on === (this.#debug !== null)) return
    this.#debug?.end()
    this.#debug = on ? new DebugMode(this) : null
    if (this.#closed) this.#debug?.end()
  }

  #mustBeRunnable(): void {
    this._mustBeOpen()
    if (this.#run !== null) throw new LoopError('This event loop is already running', 'ERR_LOOP_RUNNING')
    if (executingLoop() !== null)
      throw new LoopError(
        'Cannot run the event loop while another loop is running: from inside a running loop await the work, or create a task',
        'ERR_LOOP_RUNNING',
      )
  }

  /** @internal */
  _mustBeOpen(): void {
    if (this.#closed) throw new LoopError('Event loop is closed', 'ERR_LOOP_CLOSED')
  }

  #mustBeSchedulable(callback: unknown, method: string): void {
    this._mustBeOpen()
    mustBeCallback(callback, method)
    if (this.#debug !== null) mustBePlain(callback, method)
  }
}
