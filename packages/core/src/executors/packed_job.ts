import { inspect } from 'node:util'
import type { Job } from './executor.js'
import { functionFrom, sourceOf } from './function_source.js'
import { jobsModule, moduleExport, moduleSpecifier } from './module_export.js'

/** A job as it crosses, between threads or machines: nothing but data. */
export type PackedJob =
  | {
      /** The module's specifier, absolute. */
      readonly module: string
      /** Which export. */
      readonly name: string
      /** What it is called with. */
      readonly args: readonly unknown[]
    }
  | {
      /** The function's source. */
      readonly source: string
      /** What it is called. */
      readonly name: string
      /** What it is called with. */
      readonly args: readonly unknown[]
    }

/**
 * `job` as it crosses. Its arguments are as they were.
 * @throws TypeError if there is no such job, or its function cannot cross
 */
export function packJob(job: Job): PackedJob {
  if (typeof job !== 'object' || job === null) throw new TypeError(`A job was expected, not ${inspect(job)}`)
  if (!Array.isArray(job.args)) throw new TypeError(`A job's args must be an array, not ${inspect(job.args)}`)
  if ('fn' in job) return { ...sourceOf(job.fn), args: job.args }
  if (typeof job.name !== 'string') throw new TypeError(`A job's name must be a string, not ${inspect(job.name)}`)
  return { module: moduleSpecifier(job.module), name: job.name, args: job.args }
}

/** The function to call. */
export async function jobFunction(job: PackedJob): Promise<(...args: unknown[]) => unknown> {
  const fn = 'module' in job ? await moduleExport(job.module, job.name) : functionFrom(job)
  return fn as (...args: unknown[]) => unknown
}

/** Runs it here. */
export async function runPackedJob(job: PackedJob): Promise<unknown> {
  const fn = await jobFunction(job)
  try {
    return await fn(...job.args)
  } catch (error) {
    throw 'source' in job ? explained(error, job.name) : error
  }
}

/** A variable that was left behind shows here if it was not found before. */
function explained(error: unknown, name: string): unknown {
  const missing = error instanceof ReferenceError && /^(\S+) is not defined$/.exec(error.message)?.[1]
  if (typeof missing !== 'string') return error
  return new ReferenceError(
    `${missing} is not defined where ${name || 'the function'} ran: only its own source crossed, and what is around it stays behind. ` +
      'Pass it as an argument, import it inside the function, or name a module and its export: { module, name }',
    { cause: error },
  )
}

/** The job that the user gave: the one inside, where one carries another. */
export function innermost(job: PackedJob): PackedJob {
  return 'module' in job && job.module === jobsModule ? innermost(job.args.at(-1) as PackedJob) : job
}
