import { Future } from '../futures/future.js'
import { WakeUp } from '../futures/wake_up.js'
import type { Task } from './task.js'

/**
 * Awaits any promise for `task`, so that `cancel()` ends the wait; the promise is left to itself then. What it comes to
 * arrives in the slice in which it does: between that and a turn of the loop, as `wrapFuture` needs one, a cancellation
 * could take its place and lose it.
 */
export function interruptible<T>(promise: PromiseLike<T>, task: Task): Promise<T> {
  // Nobody sets it: it is there to be cancelled.
  const interruption = new Future<never>({ loop: task.getLoop() })
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const outcome = new Promise<T>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  const wakeUp = new WakeUp(interruption, task as Task<unknown>, outcome, null, null, resolve as never, reject)
  interruption._addWakeUp(wakeUp)
  task._waits(wakeUp)
  // A cancellation that came first is thrown, when its turn comes.
  const arrived = () => {
    if (interruption.done()) return false
    task._waitOver(wakeUp)
    return true
  }
  promise.then(
    (value) => {
      if (arrived()) resolve(value)
    },
    (error: unknown) => {
      if (arrived()) reject(error)
    },
  )
  return outcome
}
