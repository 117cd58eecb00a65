import { captureContext } from '../context/context.js'
import { type CrossingContext, packContext, unpackContext } from '../context/crossing_context.js'
import { type JobFunction, jobOf, signalOf } from './job_function.js'
import { jobsModule } from './module_export.js'
import { type PackedJob, packJob, runPackedJob } from './packed_job.js'

/**
 * `fn` and its arguments as a call that brings the context variables along: Python's `partial(context.run, fn, *args)`.
 * The same where no variable is set.
 */
export function withContext(fn: JobFunction, args: unknown[]): { fn: JobFunction; args: unknown[] } {
  const context = captureContext()
  if (context === null) return { fn, args }
  const job = jobOf(fn, args)
  const carrying = { module: jobsModule, name: runInContext.name, transfer: job.transfer, signal: signalOf(fn) }
  return { fn: carrying, args: [packContext(context), packJob(job)] }
}

/** What runs on the other side. What it sets stays there. */
export function runInContext(context: CrossingContext, job: PackedJob): Promise<unknown> {
  return unpackContext(context).run(() => runPackedJob(job))
}
