/**
 * Jobs and outcomes as they stand in Redis. BullMQ keeps JSON; values of other kinds (bytes, dates, maps) are in V8's own
 * format inside of it, while names stay legible for whoever looks at the queue.
 */
import { deserialize, serialize } from 'node:v8'
import { cannotCross, innermost, mustNotBelongHere, type PackedJob } from '@loop/core/jobs'

export interface JobData {
  readonly module?: string
  readonly source?: string
  readonly name: string
  readonly args: string
  /** Of the last attempt that failed. */
  readonly error?: string
}

export const encode = (value: unknown): string => serialize(value).toString('base64')
export const decode = (text: string): unknown => deserialize(Buffer.from(text, 'base64'))

/** @throws TypeError that names the argument which cannot leave the process */
export function encodeJob({ args, ...job }: PackedJob): JobData {
  const given = innermost({ ...job, args } as PackedJob).args
  mustNotBelongHere(given, false)
  try {
    return { ...job, args: encode(args) }
  } catch (error) {
    throw cannotCross(given, undefined, error)
  }
}

export function decodeJob({ module, source, name, args }: JobData): PackedJob {
  const values = decode(args) as unknown[]
  return module === undefined ? { source: source!, name, args: values } : { module, name, args: values }
}
