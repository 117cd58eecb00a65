/**
 * Which policy this thread has, apart from the policies: those make loops, and loops that start processes ask here for what
 * watches these.
 */
import type { EventLoopPolicy } from './policy.js'

let policy: EventLoopPolicy | null = null
let makeDefault: () => EventLoopPolicy

/** @internal told once, by the module of the policies */
export function usualPolicyIs(make: () => EventLoopPolicy): void {
  makeDefault = make
}

/** Which policy this thread has: what makes the loops of `run`. asyncio: `get_event_loop_policy`. */
export function getEventLoopPolicy(): EventLoopPolicy {
  policy ??= makeDefault()
  return policy
}

/** @internal the checks are the caller's */
export function setCurrentPolicy(to: EventLoopPolicy | null): void {
  policy = to
}
