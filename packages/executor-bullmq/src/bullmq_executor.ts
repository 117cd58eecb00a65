import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { type Abortable, CancelledError, type Executor, type Job, LoopError, type ShutdownOptions } from '@loop/core'
import { type CrossingError, innermost, packJob, unpackError } from '@loop/core/jobs'
import { Queue, QueueEvents, QueueEventsProducer } from 'bullmq'
import { closeAll, connectionOf } from './connection.js'
import { untilEventsArrive } from './events.js'
import { defaultQueue, type ExecutorOptions, type JobOptions } from './options.js'
import { Outage } from './outage.js'
import { decode, encodeJob, type JobData } from './wire.js'

/** Events can be lost when the connection is; jobs that are out for longer than this are asked for, in milliseconds. */
const patience = 5000
/** Seconds for which an outcome is kept that nobody has taken, as when the program that asked for it has ended. */
const keptFor = 3600

interface Connections {
  readonly queue: Queue<JobData>
  readonly events: QueueEvents
  readonly producer: QueueEventsProducer
}

interface Pending {
  readonly since: number
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  /** Whether the job got into the queue. */
  readonly added: Promise<boolean>
}

/**
 * Runs jobs on other machines: they go through a BullMQ queue on Redis to wherever `runWorker` runs.
 *
 * ```ts
 * loop.setDefaultExecutor(new BullMQExecutor({ connection: { host: 'redis' } }))
 * await toThread({ module: 'my-package/jobs', name: 'resize' }, image)   // as before
 * ```
 * Name modules by their packages: a `URL` is a path, which has to be the same where the job runs. Arguments and results are
 * copied; what `transfer` names is copied as well. Cancelling a job takes it out of the queue, or ends it where it runs.
 *
 * Its connections keep the process alive until `shutdown()`; a loop does that for its default executor.
 */
export class BullMQExecutor implements Executor {
  readonly #options: ExecutorOptions
  readonly #pending = new Map<string, Pending>()
  readonly #background = new Set<Promise<void>>()
  #connections: Promise<Connections> | null = null
  #watch: NodeJS.Timeout | null = null
  #shutdown = false
  #ending = false
  #ended: Promise<void> | null = null
  #empty: (() => void) | null = null

  constructor(options: ExecutorOptions) {
    this.#options = options
  }

  submit<T>(job: Job, options: Abortable = {}): Promise<T> {
    const packed = packJob(job)
    if (this.#shutdown)
      throw new LoopError('The executor takes no jobs any more: it was shut down', 'ERR_EXECUTOR_SHUTDOWN')
    const data = encodeJob(packed)
    const { signal } = options
    if (signal?.aborted) return Promise.reject(aborted(signal))
    const id = randomUUID()
    return new Promise<T>((resolve, reject) => {
      const abort = () => this.#cancel(id, aborted(signal!))
      const over = () => signal?.removeEventListener('abort', abort)
      this.#pending.set(id, {
        since: performance.now(),
        resolve: (value: T) => {
          over()
          resolve(value)
        },
        reject: (error) => {
          over()
          reject(error)
        },
        added: this.#add(id, innermost(packed).name, data),
      } as Pending)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** `cancelFutures` ends what runs, too. */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { wait = true, cancelFutures = false } = options
    this.#shutdown = true
    if (cancelFutures) {
      for (const id of [...this.#pending.keys()]) this.#cancel(id, new CancelledError('The executor was shut down'))
    }
    this.#ended ??= this.#end()
    return wait ? this.#ended : Promise.resolve()
  }

  /** Shuts it down and waits. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  async #add(id: string, name: string, data: JobData): Promise<boolean> {
    // The caller notes the job first.
    await null
    try {
      const { queue } = await this.#connect()
      if (!this.#pending.has(id)) return false
      const kept = { age: keptFor }
      const options: JobOptions = { removeOnComplete: kept, removeOnFail: kept, ...this.#options.jobOptions, jobId: id }
      await queue.add(name || '(anonymous function)', data, options as object)
      return true
    } catch (error) {
      this.#take(id)?.reject(error)
      return false
    }
  }

  #connect(): Promise<Connections> {
    this.#connections ??= this.#open().catch((error) => {
      this.#connections = null
      throw error
    })
    return this.#connections
  }

  async #open(): Promise<Connections> {
    const { queue: name = defaultQueue } = this.#options
    const options = connectionOf(this.#options, () => this.#ending)
    const outage = new Outage(`BullMQExecutor ${name}`)
    const connections = {
      queue: new Queue<JobData>(name, options),
      events: new QueueEvents(name, options),
      producer: new QueueEventsProducer(name, options),
    }
    for (const each of Object.values<EventEmitter>(connections)) each.on('error', outage.failed)
    try {
      await untilEventsArrive(connections.events, connections.producer)
    } catch (error) {
      await closeAll(...Object.values(connections))
      throw error
    }
    outage.over()
    for (const event of ['added', 'completed', 'failed'] as const) connections.events.on(event, outage.over)
    connections.events.on('completed', ({ jobId, returnvalue }) => this.#completed(jobId, returnvalue))
    connections.events.on('failed', ({ jobId, failedReason }) => this.#inBackground(this.#failed(jobId, failedReason)))
    this.#watch = setInterval(() => this.#inBackground(this.#askForOutcomes()), patience)
    return connections
  }

  #completed(id: string, returnvalue: unknown): void {
    const pending = this.#take(id)
    if (pending === undefined) return
    pending.resolve(decode(returnvalue as string) as never)
    this.#inBackground(this.#forget(id))
  }

  async #failed(id: string, reason: string): Promise<void> {
    if (!this.#pending.has(id)) return
    const { queue } = await this.#connect()
    const job = await queue.getJob(id)
    const { error } = job?.data ?? {}
    // Without one no worker got so far: the job stalled with its worker, or was removed.
    if (error === undefined) this.#take(id)?.reject(new LoopError(`The job failed: ${reason}`, 'ERR_EXECUTOR_BROKEN'))
    else this.#take(id)?.reject(failure(decode(error) as CrossingError))
    await this.#forget(id)
  }

  /** Its outcome has been taken. */
  async #forget(id: string): Promise<void> {
    const { queue } = await this.#connect()
    await queue.remove(id)
  }

  async #askForOutcomes(): Promise<void> {
    const { queue } = await this.#connect()
    for (const [id, pending] of [...this.#pending]) {
      if (performance.now() - pending.since < patience) continue
      if (!(await pending.added)) continue
      const state = await queue.getJobState(id)
      if (state === 'completed') this.#completed(id, (await queue.getJob(id))?.returnvalue)
      else if (state === 'failed') await this.#failed(id, (await queue.getJob(id))?.failedReason ?? state)
      else if (state === 'unknown') await this.#failed(id, 'it was removed from the queue')
    }
  }

  #cancel(id: string, error: Error): void {
    const pending = this.#take(id)
    if (pending === undefined) return
    pending.reject(error)
    this.#inBackground(this.#withdraw(id, pending.added))
  }

  /** Out of the queue; or, where it runs already, out of its thread. */
  async #withdraw(id: string, added: Promise<boolean>): Promise<void> {
    if (!(await added)) return
    const { queue, producer } = await this.#connect()
    // A job that a worker holds cannot be removed.
    if ((await queue.remove(id)) === 0) await producer.publishEvent({ eventName: 'loop:cancel', jobId: id })
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#empty?.()
    return pending
  }

  /** Work that `shutdown` waits for. What fails of it was for tidiness only: the outcome is known already. */
  #inBackground(work: Promise<void>): void {
    const quiet = work
      .catch(() => {})
      .finally(() => {
        this.#background.delete(quiet)
      })
    this.#background.add(quiet)
  }

  async #end(): Promise<void> {
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    this.#ending = true
    if (this.#watch !== null) clearInterval(this.#watch)
    while (this.#background.size > 0) await Promise.all(this.#background)
    const connections = await this.#connections?.catch(() => null)
    if (connections) await closeAll(...Object.values(connections))
  }
}

/** A job that ended with `CancelledError` failed with it: nobody here cancelled it. */
function failure(packed: CrossingError): unknown {
  const error = unpackError(packed)
  return error instanceof CancelledError ? new Error('The job was cancelled where it ran', { cause: error }) : error
}

function aborted(signal: AbortSignal): CancelledError {
  return new CancelledError('The operation was aborted', { cause: signal.reason })
}
