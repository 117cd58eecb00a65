import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { CancelledError } from '../errors/index.js'
import { cannotCross, mustNotBelongHere } from './crossing_arguments.js'
import { type CrossingError, unpackError } from './crossing_error.js'
import { innermost, type PackedJob } from './packed_job.js'

/** What comes back for a job. */
export type Outcome = { readonly value: unknown } | { readonly error: CrossingError }

/**
 * A job on its way to a thread, and its outcome on the way back: a channel of their own. The arguments are copied, and
 * handed over, at the call, so that later changes do not reach a job that waits, and what cannot cross is refused at once.
 */
export class Parcel {
  /** For the thread, to be transferred. */
  readonly port: MessagePort
  readonly #own: MessagePort

  /** @throws TypeError that names the argument which cannot cross */
  constructor(job: PackedJob, transfer: readonly object[] | undefined) {
    const { args } = innermost(job)
    mustNotBelongHere(args, false)
    const { port1, port2 } = new MessageChannel()
    this.#own = port1
    this.port = port2
    try {
      port1.postMessage(job, transfer as never)
    } catch (error) {
      this.close()
      throw cannotCross(args, transfer, error)
    }
  }

  /** Takes what the thread has sent back; undefined if it has sent nothing. */
  outcome(): Outcome | undefined {
    return receiveMessageOnPort(this.#own)?.message as Outcome | undefined
  }

  close(): void {
    this.#own.close()
    this.port.close()
  }
}

/** The value, or the error thrown. A job that ended with `CancelledError` failed with it: nobody here cancelled it. */
export function resultOf(outcome: Outcome): unknown {
  if ('value' in outcome) return outcome.value
  const error = unpackError(outcome.error)
  throw error instanceof CancelledError ? new Error('The job was cancelled where it ran', { cause: error }) : error
}
