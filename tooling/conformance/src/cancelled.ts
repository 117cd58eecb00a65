// What the tests of operations that are cancelled by the thousand share.
import assert from 'node:assert/strict'
import { CancelledError, type Future, sleep, type Task } from '@loop/core'

export const count = 1000
/** Milliseconds; long enough for a machine that does something else. */
export const limit = 110_000

/** Begins one after another, cancels each while it is under way, and waits until all have heard of it. */
export async function cancelled(begin: () => Task<unknown>): Promise<void> {
  const tasks: Task<unknown>[] = []
  for (let index = 0; index < count; index++) {
    tasks.push(begin())
    if (index % 10 === 9) {
      await sleep(0)
      for (const task of tasks.slice(-10)) task.cancel()
    }
  }
  for (const task of tasks as Future<unknown>[]) await assert.rejects(async () => await task, CancelledError)
}
