import { EVENT_READ, EVENT_WRITE, PENDING } from '../backend/contract.js'
import { Handle } from '../loop/handle.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { Operation } from './operation.js'

/** Which half of a descriptor is waited for. */
export type Half = 'reader' | 'writer'

/**
 * Readers and writers over operations that end once, when a socket is ready: each is begun anew when its callback has run,
 * and what that woke has had its turn, so that they come for as long as the socket is ready, as a selector's do.
 */
export class PolledDescriptors {
  readonly #loop: ProactorEventLoop
  readonly #watches: Readonly<Record<Half, Map<number, Watch>>> = { reader: new Map(), writer: new Map() }

  constructor(loop: ProactorEventLoop) {
    this.#loop = loop
  }

  /** Runs `handle` whenever that half is ready, instead of a former one, which is cancelled; 0 or -errno, and then nothing changed. */
  set(fd: number, half: Half, handle: Handle): number {
    const watch = new Watch(this.#loop, fd, half, handle)
    // Also where somebody watches it already: the descriptor may have been closed, and its number given to another socket.
    const result = watch.begin()
    if (result < 0) return result
    this.clear(fd, half)
    this.#watches[half].set(fd, watch)
    return 0
  }

  /** Whether there was one; its handle is cancelled. */
  clear(fd: number, half: Half): boolean {
    const watch = this.#watches[half].get(fd)
    if (watch === undefined) return false
    this.#watches[half].delete(fd)
    watch.end()
    return true
  }

  /** Which are watched. */
  get descriptors(): number[] {
    return [...new Set([...this.#watches.reader.keys(), ...this.#watches.writer.keys()])]
  }
}

class Watch {
  readonly #loop: ProactorEventLoop
  readonly #fd: number
  readonly #events: number
  readonly #handle: Handle
  readonly #operation: Operation
  readonly #again: Handle

  constructor(loop: ProactorEventLoop, fd: number, half: Half, handle: Handle) {
    this.#loop = loop
    this.#fd = fd
    this.#events = half === 'reader' ? EVENT_READ : EVENT_WRITE
    this.#handle = handle
    this.#again = new Handle(() => loop.callSoon(beginAgain, this), [], loop, null)
    this.#operation = new Poll(loop, (result) => this.#ended(result))
  }

  /** 0, or -errno. */
  begin(): number {
    const result = this.#loop._proactor._try(this.#operation, (native, slot, generation) =>
      native.poll(this.#fd, slot, generation, this.#events),
    )
    if (result > 0) this.#operation._complete(result)
    return result === PENDING ? 0 : Math.min(result, 0)
  }

  end(): void {
    this.#handle.cancel()
    this.#loop._proactor._cancel(this.#operation)
  }

  beginAgain(): void {
    if (!this.#handle._cancelled && !this.#loop.isClosed()) this.begin()
  }

  #ended(result: number): void {
    // After the descriptor was closed there is nothing to wait for, as with every selector.
    if (result <= 0 || this.#handle._cancelled) return
    for (const handle of [this.#handle, this.#again]) {
      handle._queued = true
      this.#loop._enqueue(handle)
    }
  }
}

/** Its end is the reader's turn itself, and needs none of its own. */
class Poll extends Operation {
  readonly #ended: (result: number) => void

  constructor(loop: ProactorEventLoop, ended: (result: number) => void) {
    super(loop, () => {})
    this.#ended = ended
  }

  override _complete(result: number): void {
    this.#ended(result)
  }
}

function beginAgain(watch: Watch): void {
  watch.beginAgain()
}
