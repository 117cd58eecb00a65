import type { EventEmitter } from 'node:events'
import { availableParallelism } from 'node:os'
import { inspect } from 'node:util'
import { type Executor, getRunningLoop, ThreadPoolExecutor } from '@loop/core'
import { jobsModule, packError, runPackedJob } from '@loop/core/jobs'
import { type Job, QueueEvents, QueueEventsProducer, UnrecoverableError, Worker } from 'bullmq'
import { closeAll, connectionOf } from './connection.js'
import { type OwnEvents, untilEventsArrive } from './events.js'
import { defaultQueue, type WorkerOptions } from './options.js'
import { Outage } from './outage.js'
import { decodeJob, encode, type JobData } from './wire.js'

/** Cancellations that came before their job did are remembered for this many jobs. */
const remembered = 1000

/**
 * Takes jobs of a `BullMQExecutor` from their queue and runs them, until `signal` aborts or its task is cancelled. Then it
 * takes no more, and returns when those that run are done.
 *
 * ```ts
 * import { run } from '@loop/core'
 * import { runWorker } from '@loop/executor-bullmq'
 *
 * await run(() => runWorker({ connection: { host: 'redis' } }))   // until Ctrl-C
 * ```
 * Packages that jobs name are looked for beside the program that runs this. Whoever can write to the queue can have any
 * code run here: keep that Redis to yourself.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { queue = defaultQueue, signal, concurrency = availableParallelism() } = options
  const stopped = getRunningLoop().createFuture<void>()
  const stop = () => {
    if (!stopped.done()) stopped.setResult()
  }
  const executor = options.executor ?? new ThreadPoolExecutor({ maxWorkers: concurrency, threadNamePrefix: queue })
  const jobs = new CancellableJobs(executor)
  const common = connectionOf(options, () => stopped.done())
  const { lockDuration, stalledInterval, maxStalledCount } = options
  const given = Object.entries({ lockDuration, stalledInterval, maxStalledCount }).filter(
    ([, value]) => value !== undefined,
  )
  const worker = new Worker<JobData, string>(queue, (job, _token, ended) => jobs.run(job, ended!), {
    ...common,
    ...Object.fromEntries(given),
    concurrency,
    autorun: false,
  })
  const events = new QueueEvents(queue, common)
  const producer = new QueueEventsProducer(queue, common)
  const outage = new Outage(`runWorker ${queue}`)
  for (const each of [worker, events, producer] as EventEmitter[]) each.on('error', outage.failed)
  for (const event of ['ready', 'active'] as const) worker.on(event, outage.over)
  events.on<OwnEvents, 'loop:cancel'>('loop:cancel', ({ jobId }) => {
    if (!worker.cancelJob(jobId)) jobs.noteCancelled(jobId)
  })
  // Not before a cancellation would be heard.
  const begin = async () => {
    await untilEventsArrive(events, producer)
    if (!stopped.done()) await worker.run()
  }
  begin().catch(outage.failed)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  try {
    await stopped
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.pause(true)
    await jobs.idle()
    // A Redis that has gone would have it wait for ever.
    await closeAll({ close: () => worker.close(outage.lasts) }, events, producer)
    if (options.executor === undefined) await executor.shutdown()
  }
}

/** The jobs of a worker, and those that were cancelled before they came. */
class CancellableJobs {
  readonly #executor: Executor
  readonly #cancelled = new Set<string>()
  readonly #running = new Set<Promise<string>>()

  constructor(executor: Executor) {
    this.#executor = executor
  }

  noteCancelled(id: string): void {
    this.#cancelled.add(id)
    for (const oldest of this.#cancelled) {
      if (this.#cancelled.size <= remembered) return
      this.#cancelled.delete(oldest)
    }
  }

  /** What it gives is what BullMQ keeps of the job. */
  run(job: Job<JobData>, signal: AbortSignal): Promise<string> {
    const running = this.#run(job, signal)
    this.#running.add(running)
    const over = () => this.#running.delete(running)
    running.then(over, over)
    return running
  }

  /** When none runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #run(job: Job<JobData>, signal: AbortSignal): Promise<string> {
    if (this.#cancelled.delete(job.id!)) throw new UnrecoverableError('cancelled')
    try {
      const call = { module: jobsModule, name: runPackedJob.name, args: [decodeJob(job.data)] }
      return encode(await this.#executor.submit<unknown>(call, { signal }))
    } catch (error) {
      if (signal.aborted) throw new UnrecoverableError('cancelled')
      // BullMQ keeps the message only.
      await job.updateData({ ...job.data, error: encode(packError(error)) })
      throw error instanceof Error ? error : new Error(inspect(error))
    }
  }
}
