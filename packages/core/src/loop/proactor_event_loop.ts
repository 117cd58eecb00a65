import { NotImplementedError } from '../errors/index.js'
import { EventLoop } from './event_loop.js'

/**
 * The loop over completions instead of readiness, as Windows' I/O completion ports give them. asyncio: `ProactorEventLoop`.
 *
 * No backend gives completions in this version, so making one says what to use instead.
 */
export class ProactorEventLoop extends EventLoop {
  /**
   * @param _proactor what it waits with; the platform's own if left out
   * @throws NotImplementedError
   */
  constructor(_proactor?: object) {
    super()
    throw new NotImplementedError(
      'ProactorEventLoop',
      process.platform,
      'not part of this version: use SelectorEventLoop, or newEventLoop() with a selector in LOOP_BACKEND',
    )
  }
}
