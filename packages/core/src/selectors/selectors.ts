/** The selectors of this platform. Python: the module `selectors`. */
import type { NativePoller, PollerName, SelectorBackend } from '../backend/contract.js'
import { backendOf, currentBackend } from '../backend/load.js'
import { NotImplementedError } from '../errors/index.js'
import { Selector } from './selector.js'

/** A new poller of the backend. */
function openPoller(name: PollerName): NativePoller {
  const backend = (backendOf('selector')?.backend ?? null) as SelectorBackend | null
  const pollers = backend?.pollers ?? {}
  const Poller = pollers[name]
  if (Poller !== undefined) return new Poller()
  const there = Object.keys(pollers).join(', ')
  throw new NotImplementedError(
    `the ${name} selector`,
    backend?.package ?? currentBackend().package,
    there === '' ? 'this backend has no selectors' : `this platform has ${there}; DefaultSelector is the best of them`,
  )
}

/** epoll(7), Linux. Python: `EpollSelector`. */
export class EpollSelector extends Selector {
  constructor() {
    super('epoll', openPoller('epoll'))
  }
}

/** kqueue(2), macOS. Python: `KqueueSelector`. */
export class KqueueSelector extends Selector {
  constructor() {
    super('kqueue', openPoller('kqueue'))
  }
}

/** poll(2), every Unix. Each wait costs time in proportion to what is registered. Python: `PollSelector`. */
export class PollSelector extends Selector {
  constructor() {
    super('poll', openPoller('poll'))
  }
}

/** The driver behind Winsock, Windows: any number of sockets. */
export class AfdSelector extends Selector {
  constructor() {
    super('afd', openPoller('afd'))
  }
}

/** select(2). Only descriptors below FD_SETSIZE (1024; on Windows 512 sockets). Python: `SelectSelector`. */
export class SelectSelector extends Selector {
  constructor() {
    super('select', openPoller('select'))
  }
}

/**
 * What `LOOP_BACKEND` asks for, or the platform's best.
 *
 * ```ts
 * import { DefaultSelector, EVENT_READ, socketpair } from '@loop/core'
 *
 * const [here, there] = socketpair()
 * using selector = new DefaultSelector()
 * selector.register(here, EVENT_READ, 'the near end')
 * there.send('x')
 * for (const [{ data }, events] of selector.select(1000)) console.log(data, events === EVENT_READ)
 * here.close()
 * there.close()
 * ```
 * prints
 * ```text
 * the near end true
 * ```
 *
 * Python: `DefaultSelector`.
 */
export class DefaultSelector extends Selector {
  constructor() {
    const name = (backendOf('selector')?.mechanism ?? currentBackend().package) as PollerName
    super(name, openPoller(name))
  }
}
