import type { FdLike } from '../loop/event_loop.js'

/** What a selector knows of one registered file. asyncio/Python: `selectors.SelectorKey`. */
export interface SelectorKey {
  /** As it was given to `register`. */
  readonly fileobj: FdLike
  /** Its number. */
  readonly fd: number
  /** EVENT_READ, EVENT_WRITE or both. */
  readonly events: number
  /** Whatever belongs to it; `null` if nothing was given. */
  readonly data: unknown
}
