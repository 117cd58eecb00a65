import { currentBackend } from '../backend/load.js'
import { NotImplementedError } from '../errors/index.js'
import type { EventLoop } from './event_loop.js'
import { SelectorEventLoop } from './selector_event_loop.js'

/**
 * The loop that is best on this platform, or the one that `LOOP_BACKEND` asks for.
 * @throws LoopError `ERR_LOOP_NO_BACKEND`
 *
 * asyncio: `new_event_loop`.
 */
export function newEventLoop(): EventLoop {
  const backend = currentBackend()
  if (backend.kind === 'selector') return new SelectorEventLoop()
  throw new NotImplementedError(
    'ProactorEventLoop',
    backend.package,
    'not part of this version: choose a selector with LOOP_BACKEND',
  )
}
