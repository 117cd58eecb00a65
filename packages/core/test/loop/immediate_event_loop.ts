import { inspect } from 'node:util'
import {
  _setRunningLoop,
  type Awaitable,
  type Coroutine,
  EventLoop,
  type ExceptionContext,
  type ExceptionHandler,
  ensureFuture,
  Future,
  Handle,
  LoopError,
  Task,
  type TaskOptions,
  TimerHandle,
} from '../../src/index.js'

/** A loop as somebody else would write one: on the public contract alone, over the host's `setImmediate` and `setTimeout`. */
export class ImmediateEventLoop extends EventLoop {
  readonly #ready: Handle[] = []
  #immediate: NodeJS.Immediate | null = null
  #ended: (() => void) | null = null
  #closed = false
  #handler: ExceptionHandler | null = null

  override async runForever(): Promise<void> {
    if (this.isRunning()) throw new LoopError('it runs', 'ERR_LOOP_RUNNING')
    _setRunningLoop(this)
    try {
      await new Promise<void>((resolve) => {
        this.#ended = resolve
        this.#next()
      })
    } finally {
      _setRunningLoop(null)
    }
  }

  override async runUntilComplete<T>(aw: Awaitable<T>): Promise<T> {
    const future = ensureFuture(aw, { loop: this })
    future.addDoneCallback(() => this.stop())
    await this.runForever()
    return future.result()
  }

  override stop(): void {
    this.#ended?.()
    this.#ended = null
  }

  override isRunning(): boolean {
    return this.#ended !== null
  }

  override isClosed(): boolean {
    return this.#closed
  }

  override close(): void {
    this.#closed = true
  }

  override callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): Handle {
    const handle = new Handle(callback as never, args, this)
    this.#ready.push(handle)
    this.#next()
    return handle
  }

  override callLater<A extends unknown[]>(delay: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    return this.callAt(this.time() + delay, callback, ...args)
  }

  override callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): TimerHandle {
    const timer = new TimerHandle(when, callback as never, args, this)
    setTimeout(
      () => {
        this.#ready.push(timer)
        this.#next()
      },
      Math.max(0, when - this.time()),
    )
    return timer
  }

  override time(): number {
    return performance.now()
  }

  override createFuture<T>(): Future<T> {
    return new Future<T>({ loop: this })
  }

  override createTask<T>(coro: Coroutine<T>, options?: TaskOptions): Task<T> {
    return new Task(coro, { ...options, loop: this })
  }

  override setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#handler = handler
  }

  override callExceptionHandler(context: ExceptionContext): void {
    if (this.#handler === null) throw new Error(`nobody handles ${inspect(context)}`)
    this.#handler(this, context)
  }

  /** One handle for each immediate: the host runs microtasks between them, which is what a slice is for elsewhere. */
  #next(): void {
    if (!this.isRunning() || this.#immediate !== null || this.#ready.length === 0) return
    this.#immediate = setImmediate(() => {
      this.#immediate = null
      this.#ready.shift()?._run()
      this.#next()
    })
  }
}
