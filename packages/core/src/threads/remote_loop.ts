import { inspect } from 'node:util'
import { MessagePort, receiveMessageOnPort, threadId } from 'node:worker_threads'
import { captureContext } from '../context/context.js'
import { type CrossingContext, packContext } from '../context/crossing_context.js'
import { LoopError } from '../errors/index.js'
import { cannotCross, mustNotBelongHere } from '../executors/crossing_arguments.js'
import { unpackError } from '../executors/crossing_error.js'
import type { Job } from '../executors/executor.js'
import { type JobFunction, jobOf } from '../executors/job_function.js'
import { type PackedJob, packJob } from '../executors/packed_job.js'
import type { Greeting, Reply, Request } from './messages.js'
import { RemoteCall } from './remote_call.js'
import { ThreadFuture } from './thread_future.js'
import type { ThreadHandle } from './thread_handle.js'

const known = new WeakMap<object, RemoteLoop>()

/**
 * A loop of another thread, of which this thread was given a handle. It can do what is safe from any thread.
 *
 * ```ts
 * // where the loop runs
 * const handle = loop.threadHandle()
 * new Worker(file, { workerData: { handle }, transferList: [handle] })
 * // in the worker
 * const loop = new RemoteLoop(workerData.handle)
 * loop.callSoonThreadsafe({ module: new URL('./progress.js', import.meta.url), name: 'show' }, 0.5)
 * await runCoroutineThreadsafe({ module: 'my-package', name: 'save', args: [row] }, loop)
 * ```
 * It keeps its thread alive only while something is awaited through it.
 */
export class RemoteLoop {
  readonly #port: MessagePort
  readonly #greeting: Greeting
  readonly #pending = new Map<number, ThreadFuture<unknown>>()
  #counter = 0
  #closed = false

  /**
   * @param handle from `loop.threadHandle()`, transferred to this thread
   * @throws TypeError for anything else
   */
  constructor(handle: ThreadHandle) {
    const greeting = greetingOf(handle)
    this.#port = handle
    this.#greeting = greeting
    known.set(handle, this)
    handle.on('message', (reply: Reply) => this.#receive(reply))
    handle.on('close', () => this.#over())
    handle.unref()
  }

  /** @internal the one for a handle; made at first use */
  static _of(handle: ThreadHandle): RemoteLoop {
    return known.get(handle) ?? new RemoteLoop(handle)
  }

  /** Whether the loop is closed, or its thread has ended. */
  isClosed(): boolean {
    return this.#closed || Atomics.load(this.#greeting.closed, 0) === 1
  }

  /**
   * Has the loop call a function in its next pass; it is woken if it waits.
   * @param fn a self-contained function, or `{ module, name }` of an exported one, which is imported in the loop's thread
   * @returns a handle whose `cancel()` takes the call back; while the function runs it waits until that has ended
   * @throws LoopError `ERR_LOOP_CLOSED`; TypeError if the function or an argument cannot cross
   *
   * Errors of the function go to the loop's exception handler. Calls through one handle are made in their order.
   * asyncio: `call_soon_threadsafe`.
   */
  callSoonThreadsafe(fn: JobFunction, ...args: unknown[]): RemoteCall {
    const call = new RemoteCall(this.#greeting.threadId === threadId)
    const job = jobOf(fn, args)
    this.#post(job, (packed, context) => ({ kind: 'call', job: packed, context, state: call._state }))
    return call
  }

  /** @internal for `runCoroutineThreadsafe` */
  _run<T>(job: Job): ThreadFuture<T> {
    const id = this.#counter++
    this.#post(job, (packed, context) => ({ kind: 'run', job: packed, context, id }))
    const future = new ThreadFuture<T>((message) => {
      if (this.#settled(id) === undefined || this.#closed) return
      this.#port.postMessage({ kind: 'cancel', id, message } satisfies Request)
    })
    this.#pending.set(id, future as ThreadFuture<unknown>)
    this.#port.ref()
    return future
  }

  /** Gives the handle back; what is awaited through it rejects. */
  close(): void {
    this.#port.close()
    this.#over()
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  #post(job: Job, request: (packed: PackedJob, context: CrossingContext | null) => Request): void {
    const packed = packJob(job)
    if (this.isClosed()) throw closedError()
    mustNotBelongHere(job.args, this.#greeting.debug)
    const context = captureContext()
    try {
      this.#port.postMessage(request(packed, context === null ? null : packContext(context)), job.transfer as never)
    } catch (error) {
      throw cannotCross(job.args, job.transfer, error)
    }
  }

  #receive(reply: Reply): void {
    const future = this.#settled(reply.id)
    if (future === undefined) return
    if ('value' in reply) future._setResult(reply.value)
    else if ('error' in reply) future._setException(unpackError(reply.error))
    else future._endCancelled(reply.cancelled)
  }

  /** Takes it out. */
  #settled(id: number): ThreadFuture<unknown> | undefined {
    const future = this.#pending.get(id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#port.unref()
    return future
  }

  /** The loop has closed, or its thread has ended. */
  #over(): void {
    this.#closed = true
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const future of pending) future._setException(closedError())
  }
}

function greetingOf(handle: ThreadHandle): Greeting {
  if (!(handle instanceof MessagePort)) {
    throw new TypeError(
      `A handle from loop.threadHandle() was expected, not ${inspect(handle, { depth: 0 })}: a loop itself cannot get into another thread`,
    )
  }
  const greeting = receiveMessageOnPort(handle)?.message as Greeting | undefined
  if (greeting?.loop === true) return greeting
  throw new TypeError(
    'This is no handle from loop.threadHandle(), or it is in use already or was transferred to another thread: each thread needs one of its own',
  )
}

function closedError(): LoopError {
  return new LoopError('Event loop is closed', 'ERR_LOOP_CLOSED')
}
