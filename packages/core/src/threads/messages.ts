/** What goes through the port between a loop and a `RemoteLoop` in another thread. */
import type { CrossingContext } from '../context/crossing_context.js'
import type { CrossingError } from '../executors/crossing_error.js'
import type { PackedJob } from '../executors/packed_job.js'

/** The first message, which waits in the port while it travels. */
export interface Greeting {
  readonly loop: true
  /** Element 0 becomes 1 when the loop closes: seen at once, where a message would need a turn. */
  readonly closed: Int32Array
  readonly threadId: number
  readonly debug: boolean
}

/** Where a call of `callSoonThreadsafe` stands: element 0 of an array that both sides have. */
export const CALL_PENDING = 0
export const CALL_RUNNING = 1
export const CALL_DONE = 2
export const CALL_CANCELLED = 3

interface Work {
  readonly job: PackedJob
  readonly context: CrossingContext | null
}

/** To the loop. */
export type Request =
  | ({ readonly kind: 'call'; readonly state: Int32Array } & Work)
  | ({ readonly kind: 'run'; readonly id: number } & Work)
  | { readonly kind: 'cancel'; readonly id: number; readonly message: string | undefined }

/** From the loop, how a coroutine ended. */
export type Reply = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly error: CrossingError }
  | { readonly cancelled: string | undefined }
)
