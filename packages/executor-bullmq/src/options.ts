import type { Abortable, Executor } from '@loop/core'

/** Options of `ioredis`, or a client of it. */
export interface RedisConnection {
  host?: string | undefined
  port?: number | undefined
  username?: string | undefined
  password?: string | undefined
  db?: number | undefined
  url?: string | undefined
  tls?: object | undefined
  [option: string]: unknown
}

/** What both sides must agree on. */
export interface QueueOptions {
  connection: RedisConnection
  /** The queue's name; `loop`. */
  queue?: string | undefined
  /** Of all keys in Redis; `bull`. */
  prefix?: string | undefined
}

/** How BullMQ treats a job; its own options. */
export interface JobOptions {
  /** How often a job that fails is run in all; 1. */
  attempts?: number | undefined
  /** Milliseconds between attempts, or `{ type: 'exponential', delay }`. */
  backoff?: number | { type: string; delay?: number } | undefined
  /** Lower numbers first; 0 is before all. */
  priority?: number | undefined
  [option: string]: unknown
}

export interface ExecutorOptions extends QueueOptions {
  /** For every job. */
  jobOptions?: JobOptions | undefined
}

export interface WorkerOptions extends QueueOptions, Abortable {
  /** How many jobs run at once; the number of processors. */
  concurrency?: number | undefined
  /** What runs them; a thread pool of `concurrency` threads, so that no job holds up the worker itself. */
  executor?: Executor | undefined
  /** Milliseconds for which a job belongs to this worker without a sign of life from it; 30,000. */
  lockDuration?: number | undefined
  /** Milliseconds between looks for jobs whose worker is gone; 30,000. */
  stalledInterval?: number | undefined
  /** How often a job whose worker went away is given to another; 1. */
  maxStalledCount?: number | undefined
}

export const defaultQueue = 'loop'
