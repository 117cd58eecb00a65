/** What runs in the threads of a `ThreadPoolExecutor`: the pool calls the default export once a job. */
import { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import threads, { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { packError } from './crossing_error.js'
import { innermost, type PackedJob, runPackedJob } from './packed_job.js'
import type { Outcome } from './parcel.js'

/** What the pool tells its threads; documented by it. */
interface PoolState {
  readonly workerId: number
  readonly workerData: { readonly threadNamePrefix: string }
}

const { __tinypool_state__: pool } = process as unknown as { __tinypool_state__: PoolState }
nameThread(`${pool.workerData.threadNamePrefix}_${pool.workerId - 1}`)

export default async function runJob({ port }: { port: MessagePort }): Promise<void> {
  const job = receiveMessageOnPort(port)?.message as PackedJob
  let outcome: Outcome
  try {
    outcome = { value: await runPackedJob(job) }
  } catch (error) {
    outcome = { error: packError(error) }
  }
  try {
    port.postMessage(outcome)
  } catch (error) {
    port.postMessage({ error: packError(await cannotComeBack(job, (outcome as { value: unknown }).value, error)) })
  }
}

async function cannotComeBack(job: PackedJob, value: unknown, cause: unknown): Promise<TypeError> {
  // Only needed here, and it brings much of the library with it.
  const { whyNotCloneable } = await import('./cloneable.js')
  const why = whyNotCloneable(value, 'the result') ?? (cause as Error).message
  return new TypeError(
    `What ${innermost(job).name || 'the function'} returned cannot cross back from its thread: ${why}`,
    { cause },
  )
}

/** The pool cannot name its threads. Newer hosts have the place for a name, others get it; Linux shows it in `top -H`. */
function nameThread(name: string): void {
  ;(threads as { threadName?: string }).threadName = name
  syncBuiltinESMExports()
  if (process.platform !== 'linux') return
  try {
    writeFileSync('/proc/thread-self/comm', name.slice(0, 15))
  } catch {
    // Without /proc nothing shows it.
  }
}
