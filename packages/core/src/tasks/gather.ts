import { inspect } from 'node:util'
import { Future } from '../futures/future.js'
import { onBehalfOf } from '../introspection/awaited_by.js'
import { watchNeverAwaited } from '../introspection/never_awaited.js'
import type { Awaitable, EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortError, onAbort } from './abortable.js'
import { ensureFuture } from './ensure_future.js'

/** What awaiting `A` gives; of an async function, what its task gives. */
export type Outcome<A> = A extends (...args: never[]) => infer R ? Awaited<R> : Awaited<A>

/**
 * Runs everything at the same time and waits for all of it.
 *
 * ```ts
 * import { gather, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const [n, text] = await gather([() => sleep(2, 42), sleep(1, 'text')])
 *   console.log(n + 1, text.length)
 * })
 * ```
 * prints
 * ```text
 * 43 4
 * ```
 *
 * @param aws async functions (each becomes a task), futures, promises; what appears twice runs once
 * @param options `returnExceptions`: errors are results like others, also `CancelledError`, and nothing is thrown;
 *   `signal`: cancels it
 * @returns a future of the results in the order of `aws`. It fails with the first error; the others go on running.
 *   `cancel()` of it cancels everything that is not done.
 * @throws TypeError for what cannot be awaited, RangeError for futures of different loops
 *
 * A `TaskGroup` is safer: it leaves nothing running behind an error. asyncio: `gather`.
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  aws: A,
  options?: Abortable & { returnExceptions?: false | undefined },
): Future<{ -readonly [K in keyof A]: Outcome<A[K]> }>
export function gather<const A extends readonly Awaitable<unknown>[]>(
  aws: A,
  options: Abortable & { returnExceptions?: boolean | undefined },
): Future<{ -readonly [K in keyof A]: Outcome<A[K]> | Error }>
export function gather<A extends Awaitable<unknown>>(
  aws: Iterable<A>,
  options?: Abortable & { returnExceptions?: false | undefined },
): Future<Outcome<A>[]>
export function gather<A extends Awaitable<unknown>>(
  aws: Iterable<A>,
  options: Abortable & { returnExceptions?: boolean | undefined },
): Future<(Outcome<A> | Error)[]>
export function gather(
  aws: Iterable<Awaitable<unknown>>,
  options: Abortable & { returnExceptions?: boolean | undefined } = {},
): Future<unknown[]> {
  if (typeof aws !== 'object' || aws === null || !(Symbol.iterator in aws)) {
    throw new TypeError(`An array of awaitables is required, not ${inspect(aws)}`)
  }
  const futures = new Map<Awaitable<unknown>, Future<unknown>>()
  const children: Future<unknown>[] = []
  let loop: EventLoop | undefined
  for (const aw of aws) {
    let future = futures.get(aw)
    if (future === undefined) {
      future = ensureFuture(aw, loop === undefined ? {} : { loop })
      loop ??= future.getLoop()
      futures.set(aw, future)
    }
    children.push(future)
  }
  if (loop === undefined) {
    const empty = getRunningLoop().createFuture<unknown[]>()
    empty.setResult([])
    return empty
  }
  const gathering = new GatheringFuture(loop, children, new Set(futures.values()), options.returnExceptions ?? false)
  if (options.signal !== undefined) onAbort(gathering, options.signal, (signal) => gathering._abort(signal))
  return watchNeverAwaited(gathering, 'gather')
}

/** Cancels its children instead of itself, and ends when they have dealt with that. */
class GatheringFuture extends Future<unknown[]> {
  readonly #children: readonly Future<unknown>[]
  readonly #returnExceptions: boolean
  #unfinished: number
  #cancelRequested = false
  #aborted: AbortSignal | null = null

  constructor(
    loop: EventLoop,
    children: readonly Future<unknown>[],
    distinct: ReadonlySet<Future<unknown>>,
    returnExceptions: boolean,
  ) {
    super({ loop })
    this.#children = children
    this.#returnExceptions = returnExceptions
    this.#unfinished = distinct.size
    const childDone = onBehalfOf(
      () => this,
      (child: Future<unknown>) => this.#childDone(child),
    )
    const done: Future<unknown>[] = []
    for (const child of distinct) {
      if (child.done()) done.push(child)
      else child.addDoneCallback(childDone)
    }
    // When every child ended in its eager step, so does the gathering.
    for (const child of done) this.#childDone(child)
  }

  override cancel(message?: string): boolean {
    if (this.done()) return false
    let reached = false
    for (const child of this.#children) if (child.cancel(message)) reached = true
    // Whatever the children make of it, who awaits the gathering is told.
    if (reached) this.#cancelRequested = true
    return reached
  }

  /** @internal */
  _abort(signal: AbortSignal): void {
    if (this.cancel()) this.#aborted = signal
  }

  #childDone(child: Future<unknown>): void {
    this.#unfinished--
    const error = errorOf(child)
    if (this.done()) return
    const aborted = this.#aborted === null ? null : abortError(this.#aborted)
    if (error !== null && !this.#returnExceptions) this._fail(child.cancelled() ? (aborted ?? error) : error)
    else if (this.#unfinished > 0) return
    else if (aborted !== null) this._fail(aborted)
    // asyncio takes the message of the last child, whichever ended last.
    else if (this.#cancelRequested) this._fail(this.#children.at(-1)!._cancelledError())
    else this.setResult(this.#children.map((each) => errorOf(each) ?? each.result()))
  }
}

function errorOf(future: Future<unknown>): Error | null {
  return future.cancelled() ? future._cancelledError() : future.exception()
}
