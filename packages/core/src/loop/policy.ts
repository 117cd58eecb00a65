import { inspect } from 'node:util'
import { LoopError, NotImplementedError } from '../errors/index.js'
import { AbstractChildWatcher, newChildWatcher } from '../subprocess/child_watcher.js'
import { getEventLoopPolicy, setCurrentPolicy, usualPolicyIs } from './current_policy.js'
import { EventLoop } from './event_loop.js'
import { newEventLoop } from './new_event_loop.js'
import { ProactorEventLoop } from './proactor_event_loop.js'
import { _getRunningLoop } from './running.js'
import { SelectorEventLoop } from './selector_event_loop.js'

/**
 * Which loop a thread gets. Here for parity with asyncio, which is about to give policies up: `run`'s `loopFactory`
 * says the same at the place where it matters. asyncio: `AbstractEventLoopPolicy`.
 */
export abstract class EventLoopPolicy {
  /** The loop set for this thread; throws LoopError `ERR_LOOP_NOT_SET` if there is none. */
  abstract getEventLoop(): EventLoop
  /** Sets the loop of this thread, or with `null` none. */
  abstract setEventLoop(loop: EventLoop | null): void
  /** Makes a loop, without setting it. */
  abstract newEventLoop(): EventLoop

  /**
   * How the loops of this thread learn that a child has ended. asyncio: `get_child_watcher`.
   * @deprecated for parity: the best one is chosen without it
   */
  getChildWatcher(): AbstractChildWatcher {
    watcher ??= newChildWatcher()
    return watcher
  }

  /**
   * Sets how the loops of this thread learn that a child has ended.
   * @param to `null`: the best one for this system
   * @throws TypeError for anything that is no watcher
   * @deprecated for parity; asyncio: `set_child_watcher`
   */
  setChildWatcher(to: AbstractChildWatcher | null): void {
    if (to !== null && !(to instanceof AbstractChildWatcher)) {
      throw new TypeError(`watcher must be an AbstractChildWatcher or null, not ${inspect(to)}`)
    }
    watcher = to
  }
}

let watcher: AbstractChildWatcher | null = null

/** The platform's best loop, and whichever was set with this policy. asyncio: `DefaultEventLoopPolicy`. */
export class DefaultEventLoopPolicy extends EventLoopPolicy {
  #current: EventLoop | null = null

  override getEventLoop(): EventLoop {
    if (this.#current !== null) return this.#current
    throw new LoopError(
      'There is no current event loop: set one with setEventLoop(), or use run(main)',
      'ERR_LOOP_NOT_SET',
    )
  }

  override setEventLoop(loop: EventLoop | null): void {
    if (loop !== null && !(loop instanceof EventLoop)) {
      throw new TypeError(`loop must be an EventLoop or null, not ${inspect(loop)}`)
    }
    this.#current = loop
  }

  override newEventLoop(): EventLoop {
    return newEventLoop()
  }
}

/** Selector loops, on Windows. asyncio: `WindowsSelectorEventLoopPolicy`. */
export class WindowsSelectorEventLoopPolicy extends DefaultEventLoopPolicy {
  /** @throws NotImplementedError elsewhere */
  constructor() {
    super()
    mustBeWindows('WindowsSelectorEventLoopPolicy')
  }

  override newEventLoop(): EventLoop {
    return new SelectorEventLoop()
  }
}

/** Proactor loops, on Windows. asyncio: `WindowsProactorEventLoopPolicy`. */
export class WindowsProactorEventLoopPolicy extends DefaultEventLoopPolicy {
  /** @throws NotImplementedError elsewhere */
  constructor() {
    super()
    mustBeWindows('WindowsProactorEventLoopPolicy')
  }

  override newEventLoop(): EventLoop {
    return new ProactorEventLoop()
  }
}

function mustBeWindows(name: string): void {
  if (process.platform !== 'win32') {
    throw new NotImplementedError(name, process.platform, 'use DefaultEventLoopPolicy, or the loopFactory of run()')
  }
}

usualPolicyIs(() => new DefaultEventLoopPolicy())

/**
 * Sets the policy of this thread. A loop that was set with another policy stays with that one.
 * @param to `null`: the default policy
 * @throws TypeError for anything that is no policy
 *
 * asyncio: `set_event_loop_policy`.
 */
export function setEventLoopPolicy(to: EventLoopPolicy | null): void {
  if (to !== null && !(to instanceof EventLoopPolicy)) {
    throw new TypeError(`policy must be an EventLoopPolicy or null, not ${inspect(to)}`)
  }
  setCurrentPolicy(to)
}

/**
 * The running loop (see `getRunningLoop`), else the one set for this thread.
 * @throws LoopError `ERR_LOOP_NOT_SET` if there is neither
 *
 * asyncio: `get_event_loop`.
 */
export function getEventLoop(): EventLoop {
  return _getRunningLoop() ?? getEventLoopPolicy().getEventLoop()
}

/**
 * Sets the loop that `getEventLoop` gives where none runs.
 * @throws TypeError for anything but a loop or `null`
 *
 * asyncio: `set_event_loop`.
 */
export function setEventLoop(loop: EventLoop | null): void {
  getEventLoopPolicy().setEventLoop(loop)
}

/**
 * The watcher of this thread's policy. asyncio: `get_child_watcher`.
 * @deprecated for parity: the best one is chosen without it
 */
export function getChildWatcher(): AbstractChildWatcher {
  return getEventLoopPolicy().getChildWatcher()
}

/**
 * Sets the watcher of this thread's policy.
 * @throws TypeError for anything but a watcher or `null`
 * @deprecated for parity; asyncio: `set_child_watcher`
 */
export function setChildWatcher(watcher: AbstractChildWatcher | null): void {
  getEventLoopPolicy().setChildWatcher(watcher)
}
