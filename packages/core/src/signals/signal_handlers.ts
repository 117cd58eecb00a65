import { isMainThread } from 'node:worker_threads'
import { captureContext } from '../context/context.js'
import { LoopError, NotImplementedError } from '../errors/index.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import { mustBeCallback, mustBePlain } from '../loop/callback.js'
import { Handle } from '../loop/handle.js'
import { signalName, signalNumber } from './signal_number.js'
import { watchSignal } from './signal_watch.js'

/** No process can handle these. */
const uncatchable: ReadonlySet<unknown> = new Set(['SIGKILL', 'SIGSTOP'])

interface Installed {
  handle: Handle
  readonly unwatch: () => void
}

/** What one loop does when signals come. asyncio: `_UnixSelectorEventLoop._signal_handlers`. */
export class SignalHandlers {
  readonly #loop: BaseEventLoop
  readonly #installed = new Map<number, Installed>()

  constructor(loop: BaseEventLoop) {
    this.#loop = loop
  }

  /** A signal that came while the former handler was there still runs that one, if it has not run yet. */
  add(signal: unknown, callback: (...args: never[]) => unknown, args: readonly unknown[]): void {
    const number = signalNumber(signal)
    mustBeCallback(callback, 'addSignalHandler')
    mustBePlain(callback, 'addSignalHandler')
    const name = catchable(number)
    mustBeMainThread()
    const handle = new Handle(callback, args, this.#loop, captureContext())
    const installed = this.#installed.get(number)
    if (installed !== undefined) {
      installed.handle = handle
      return
    }
    const added: Installed = { handle, unwatch: watchSignal(name, () => this.#loop._enqueue(added.handle)) }
    this.#installed.set(number, added)
  }

  /** Whether there was one. It does not run any more, not even for a signal that came before. */
  remove(signal: unknown): boolean {
    const number = signalNumber(signal)
    const installed = this.#installed.get(number)
    if (installed === undefined) return false
    this.#installed.delete(number)
    installed.unwatch()
    installed.handle.cancel()
    return true
  }

  removeAll(): void {
    for (const number of [...this.#installed.keys()]) this.remove(number)
  }
}

function catchable(number: number): NodeJS.Signals {
  const name = signalName(number)
  if (uncatchable.has(name))
    throw new LoopError(`${name} (${number}) cannot be caught by any process`, 'ERR_LOOP_STATE')
  if (name !== undefined) return name
  throw new NotImplementedError(
    `addSignalHandler(${number})`,
    'this host',
    'it does not report real-time signals; use one that has a name',
  )
}

function mustBeMainThread(): void {
  if (isMainThread) return
  throw new LoopError(
    'addSignalHandler() works in the main thread only, which is where signals arrive: handle them there and post a message to this worker',
    'ERR_LOOP_STATE',
  )
}
