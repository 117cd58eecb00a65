import type { MessagePort } from 'node:worker_threads'
import { Context } from '../context/context.js'
import { unpackContext } from '../context/crossing_context.js'
import type { CancelledError } from '../errors/index.js'
import { whyNotCloneable } from '../executors/cloneable.js'
import { packError } from '../executors/crossing_error.js'
import { jobFunction, type PackedJob } from '../executors/packed_job.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { Task } from '../tasks/task.js'
import { CALL_DONE, CALL_PENDING, CALL_RUNNING, type Reply, type Request } from './messages.js'

type Call = Extract<Request, { kind: 'call' }>
type Run = Extract<Request, { kind: 'run' }>

/** The loop's end of a handle: does what the other thread asks for, in the order in which it asked. */
export class ThreadLink {
  readonly #loop: BaseEventLoop
  readonly #port: MessagePort
  /** By the other side's number; null until the task exists. */
  readonly #tasks = new Map<number, Task | null>()
  /** What was asked for before waits for its module to be loaded, and so does what comes after it. */
  #before: Promise<void> = Promise.resolve()

  constructor(loop: BaseEventLoop, port: MessagePort) {
    this.#loop = loop
    this.#port = port
  }

  receive(request: Request): void {
    if (this.#loop.isClosed()) return
    if (request.kind === 'cancel') return this.#cancel(request.id, request.message)
    if (request.kind === 'run') this.#tasks.set(request.id, null)
    this.#before = this.#before.then(() => this.#serve(request))
  }

  close(): void {
    this.#port.close()
  }

  /** Never rejects: it is what later requests wait for. */
  async #serve(request: Call | Run): Promise<void> {
    let fn: ((...args: unknown[]) => unknown) | null = null
    let failure: unknown
    try {
      fn = await jobFunction(request.job)
    } catch (error) {
      failure = error
    }
    if (this.#loop.isClosed()) return
    const context = request.context === null ? new Context() : unpackContext(request.context)
    context.run(() => {
      if (request.kind === 'call') this.#call(request, fn, failure as Error)
      else this.#run(request, fn, failure)
    })
  }

  #call({ job, state }: Call, fn: ((...args: unknown[]) => unknown) | null, failure: Error): void {
    if (fn === null) {
      this.#loop.callExceptionHandler({
        message: `A callback from another thread could not be loaded: ${nameOf(job)}`,
        exception: failure,
      })
      return
    }
    const guarded = () => {
      if (Atomics.compareExchange(state, 0, CALL_PENDING, CALL_RUNNING) !== CALL_PENDING) return
      try {
        fn(...job.args)
      } finally {
        Atomics.store(state, 0, CALL_DONE)
        Atomics.notify(state, 0)
      }
    }
    Object.defineProperty(guarded, 'name', { value: nameOf(job) })
    if (this.#loop.getDebug() && fn.constructor.name === 'AsyncFunction') {
      this.#loop.callExceptionHandler({
        message: `callSoonThreadsafe() of another thread takes a plain function, not the async function ${nameOf(job)}: use runCoroutineThreadsafe`,
      })
    }
    this.#loop.callSoonThreadsafe(guarded)
  }

  #run({ id, job }: Run, fn: ((...args: unknown[]) => unknown) | null, failure: unknown): void {
    // Cancelled while its module was being loaded.
    if (!this.#tasks.has(id)) return
    if (fn === null) {
      this.#tasks.delete(id)
      return this.#reply({ id, error: packError(failure) })
    }
    const begin = () => {
      if (!this.#tasks.has(id)) return
      const task = this.#loop.createTask(async () => await fn(...job.args))
      this.#tasks.set(id, task)
      task.addDoneCallback(() => this.#ended(id, task, job))
    }
    this.#loop.callSoonThreadsafe(begin)
  }

  #cancel(id: number, message: string | undefined): void {
    const task = this.#tasks.get(id)
    if (task === undefined) return
    if (task !== null) return void task.cancel(message)
    this.#tasks.delete(id)
    this.#reply({ id, cancelled: message })
  }

  #ended(id: number, task: Task, job: PackedJob): void {
    this.#tasks.delete(id)
    try {
      this.#reply({ id, value: task.result() })
    } catch (error) {
      if (task.cancelled()) this.#reply({ id, cancelled: (error as CancelledError).message || undefined })
      else this.#reply({ id, error: packError(task.exception() ?? this.#cannotCross(task, job, error)) })
    }
  }

  #cannotCross(task: Task, job: PackedJob, cause: unknown): TypeError {
    const why = whyNotCloneable(task.result(), 'the result') ?? (cause as Error).message
    return new TypeError(`What ${nameOf(job)} returned cannot cross to another thread: ${why}`, { cause })
  }

  #reply(reply: Reply): void {
    this.#port.postMessage(reply)
  }
}

function nameOf(job: PackedJob): string {
  return job.name || '(anonymous function)'
}
