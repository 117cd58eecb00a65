import type { Abortable, Executor } from '@loop/core'

/** Options of `ioredis`, or a client of it. */
export interface RedisConnection {
  /** Its name or address; `localhost`. */
  host?: string | undefined
  /** Its port; 6379. */
  port?: number | undefined
  /** Who logs in. */
  username?: string | undefined
  /** Their password. */
  password?: string | undefined
  /** The number of the database; 0. */
  db?: number | undefined
  /** All of it in one: `redis://host:port/db`. */
  url?: string | undefined
  /** Options of `node:tls`. */
  tls?: object | undefined
  [option: string]: unknown
}

/** What both sides must agree on. */
export interface QueueOptions {
  /** Where Redis is. */
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
  backoff?:
    | number
    | {
        /** How it grows: `'fixed'`, `'exponential'`. */
        type: string
        /** Milliseconds to begin with. */
        delay?: number
      }
    | undefined
  /** Lower numbers first; 0 is before all. */
  priority?: number | undefined
  [option: string]: unknown
}

/** Of `BullMQExecutor`. */
export interface ExecutorOptions extends QueueOptions {
  /** For every job. */
  jobOptions?: JobOptions | undefined
}

/** Of a worker. */
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
