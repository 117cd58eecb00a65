import { CancelledError } from '../errors/index.js'

const ignore = (): void => {}

/**
 * For a promise that is about to reject with `reason`: if that is a cancellation and nobody awaits the promise, there is
 * nothing to tell the host. A task that began a wait, and was cancelled before it awaited it, would end the process.
 */
export function silenceCancellation(promise: Promise<unknown>, reason: unknown): void {
  if (reason instanceof CancelledError) promise.catch(ignore)
}
