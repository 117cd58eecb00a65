/**
 * For who writes an executor: what a job is on its way to where it runs, and how it is run there.
 *
 * @packageDocumentation
 */
export { cannotCross, mustNotBelongHere } from './crossing_arguments.js'
export { type CrossingError, packError, unpackError } from './crossing_error.js'
export type { Executor, FunctionJob, Job, ModuleJob, ShutdownOptions } from './executor.js'
export { jobsModule } from './module_export.js'
export { innermost, type PackedJob, packJob, runPackedJob } from './packed_job.js'
export { runInContext } from './run_in_context.js'
