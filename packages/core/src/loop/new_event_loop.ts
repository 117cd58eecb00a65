import { currentBackend } from '../backend/load.js'
import type { EventLoop } from './event_loop.js'
import { ProactorEventLoop } from './proactor_event_loop.js'
import { SelectorEventLoop } from './selector_event_loop.js'

/**
 * The loop that is best on this platform, or the one that `LOOP_BACKEND` asks for.
 * @throws LoopError `ERR_LOOP_NO_BACKEND`
 *
 * asyncio: `new_event_loop`.
 */
export function newEventLoop(): EventLoop {
  return currentBackend().kind === 'selector' ? new SelectorEventLoop() : new ProactorEventLoop()
}
