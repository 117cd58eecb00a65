import type { Future } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import { watchNeverAwaited } from '../introspection/never_awaited.js'
import type { Awaitable } from '../loop/event_loop.js'
import { type Abortable, abortable } from './abortable.js'
import { ensureFuture } from './ensure_future.js'

/**
 * Protects a future from the cancellation of who awaits it: that ends the wait, not the work.
 *
 * ```ts
 * import { createTask, run, shield, sleep, waitFor } from '@loop/core'
 *
 * await run(async () => {
 *   const saving = createTask(() => sleep(50, 'saved'))
 *   await waitFor(shield(saving), 1).catch(() => console.log('not waited for any longer'))
 *   console.log(await saving)
 * })
 * ```
 * prints
 * ```text
 * not waited for any longer
 * saved
 * ```
 *
 * @param aw what to protect; an async function becomes a task
 * @param options `signal`: ends the future that is returned, and not the work either
 * @returns a future that ends as `aw` does; `aw` itself if it is done already
 *
 * An error that comes when nobody waits any more goes to the exception handler. asyncio: `shield`.
 */
export function shield<T>(aw: Awaitable<T>, options: Abortable = {}): Future<T> {
  const inner = ensureFuture(aw)
  if (inner.done()) return inner
  const outer = inner.getLoop().createFuture<T>()
  const follow = onBehalfOf(
    () => outer,
    () => {
      if (outer.done()) return
      if (inner.cancelled()) outer.cancel()
      else {
        const error = inner.exception()
        if (error !== null) outer._fail(error)
        else outer.setResult(inner.result())
      }
    },
  )
  inner.addDoneCallback(follow)
  outer.addDoneCallback(() => {
    if (inner.done()) return
    inner.removeDoneCallback(follow)
    // A future may be shielded several times; its error is reported once.
    inner.removeDoneCallback(reportError)
    inner.addDoneCallback(reportError)
  })
  return watchNeverAwaited(abortable(outer, options.signal), 'shield')
}

function reportError(future: Future<unknown>): void {
  if (future.cancelled()) return
  const exception = future.exception()
  if (exception === null) return
  future
    .getLoop()
    .callExceptionHandler({ message: `${exception.name} exception in shielded future`, exception, future })
}
