/** `@loop/executor-bullmq`: jobs on other machines, through a BullMQ queue on Redis. */
export { BullMQExecutor } from './bullmq_executor.js'
export type { ExecutorOptions, JobOptions, QueueOptions, RedisConnection, WorkerOptions } from './options.js'
export { runWorker } from './run_worker.js'
