import { inspect } from 'node:util'
import { EVENT_READ, EVENT_WRITE, type NativePoller, type PollerName } from '../backend/contract.js'
import { LoopError, NotImplementedError, systemError } from '../errors/index.js'
import { monotonic } from '../loop/clock.js'
import type { EventLoop, FdLike } from '../loop/event_loop.js'
import { descriptorOf } from '../sockets/descriptor.js'
import { registrationError } from './registration_error.js'
import type { SelectorKey } from './selector_key.js'
import { SelectorMap } from './selector_map.js'

/** A wait is cut into pieces of this many milliseconds, or a worker thread that waits could not be ended. */
const longestWait = 50

interface Registration extends SelectorKey {
  readonly slot: number
  readonly generation: number
}

/**
 * Waits for descriptors to become ready. Usable alone, or given to a loop, which then is the only one to use it.
 * Python: `selectors.BaseSelector`.
 */
export abstract class Selector {
  /** The mechanism's name, as in `LOOP_BACKEND`. */
  readonly name: PollerName
  /** @internal for the loop that it was given to */ readonly _poller: NativePoller
  readonly #byFd = new Map<number, Registration>()
  readonly #bySlot: (Registration | undefined)[] = []
  readonly #freeSlots: number[] = []
  readonly #map = new SelectorMap(this.#byFd, (file) => this.#find(file))
  #generation = 0
  #loop: EventLoop | null = null
  #closed = false

  protected constructor(name: PollerName, poller: NativePoller) {
    this.name = name
    this._poller = poller
  }

  /**
   * Watches a file.
   * @param events EVENT_READ, EVENT_WRITE or both
   * @param data comes back in the key
   * @throws RangeError for bad events, a bad descriptor or one that is registered; the system's error where it cannot be watched
   */
  register(file: FdLike, events: number, data: unknown = null): SelectorKey {
    this.#mustBeUsable()
    checkEvents(events)
    const fd = descriptorOf(file)
    if (this.#byFd.has(fd))
      throw new RangeError(`${inspect(file, { depth: 0 })} (descriptor ${fd}) is registered already`)
    const slot = this.#freeSlots.pop() ?? this.#bySlot.length
    this.#generation = (this.#generation + 1) | 0
    const registration = { fileobj: file, fd, events, data, slot, generation: this.#generation }
    const result = this._poller.add(fd, slot, registration.generation, events)
    if (result < 0) {
      this.#freeSlots.push(slot)
      if (slot === this.#bySlot.length) this.#bySlot.push(undefined)
      throw registrationError(result, this.name, fd)
    }
    this.#bySlot[slot] = registration
    this.#byFd.set(fd, registration)
    return keyOf(registration)
  }

  /** Watches it no more; works also when it was closed meanwhile. */
  unregister(file: FdLike): SelectorKey {
    this.#mustBeUsable()
    const registration = this.#registered(file)
    this.#byFd.delete(registration.fd)
    this.#bySlot[registration.slot] = undefined
    this.#freeSlots.push(registration.slot)
    this._poller.remove(registration.fd)
    return keyOf(registration)
  }

  /** Changes what a registered file is watched for, and its data. */
  modify(file: FdLike, events: number, data: unknown = null): SelectorKey {
    this.#mustBeUsable()
    checkEvents(events)
    const before = this.#registered(file)
    if (events !== before.events) {
      const result = this._poller.modify(before.fd, before.slot, before.generation, events)
      if (result < 0) {
        this.unregister(file)
        throw registrationError(result, this.name, before.fd)
      }
    }
    const registration = { ...before, events, data }
    this.#bySlot[before.slot] = registration
    this.#byFd.set(before.fd, registration)
    return keyOf(registration)
  }

  /**
   * Blocks the JavaScript thread until something is ready: for programs that have no loop in this thread.
   * @param timeout milliseconds; `null` waits without limit, 0 or less only looks
   * @returns pairs of a key and what it is ready for; empty after the timeout. A signal does not end the wait.
   * @throws LoopError if a loop uses this selector
   */
  select(timeout: number | null = null): [SelectorKey, number][] {
    this.#mustBeUsable()
    const deadline = timeout === null ? Number.POSITIVE_INFINITY : monotonic() + checkTimeout(timeout)
    for (;;) {
      const left = deadline - monotonic()
      const count = this._poller.wait(Math.max(0, Math.min(left, longestWait)))
      if (count > 0) return this.#collect(count)
      // -EINTR is a signal that the host handles after us.
      if (count < 0 && !isInterruption(count)) throw systemError(count, this.name)
      if (left <= longestWait && monotonic() >= deadline) return []
    }
  }

  /** What is registered for a file; RangeError if nothing is, LoopError once it is closed. */
  getKey(file: FdLike): SelectorKey {
    this.#mustBeOpen()
    return keyOf(this.#registered(file))
  }

  /** A live, read-only map of everything registered; `null` once it is closed. */
  getMap(): SelectorMap | null {
    return this.#closed ? null : this.#map
  }

  /**
   * The descriptor that becomes readable when something is ready: a selector can be watched itself.
   * @throws NotImplementedError for poll and select, which have none; LoopError once it is closed
   */
  fileno(): number {
    this.#mustBeOpen()
    const fd = this._poller.fileno()
    if (fd >= 0) return fd
    throw new NotImplementedError(
      'Selector.fileno()',
      this.name,
      'only epoll and kqueue have a descriptor of their own',
    )
  }

  /** Releases it; the files stay as they are. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#byFd.clear()
    this.#bySlot.length = 0
    this.#freeSlots.length = 0
    this._poller.close()
  }

  /** Disposing a selector closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal from now on `loop` is the only one to use it */
  _give(loop: EventLoop): void {
    this.#mustBeUsable()
    if (this.#byFd.size > 0) throw new RangeError('A selector that is given to a loop must have nothing registered')
    this.#loop = loop
  }

  /** All that is ready: a poller hands over a batch at a time, and begins the next one behind it. */
  #collect(first: number): [SelectorKey, number][] {
    const { events } = this._poller
    const capacity = Math.floor(events.length / 3)
    const found = new Map<number, [SelectorKey, number]>()
    for (let count = first; count > 0; count = count < capacity ? 0 : this._poller.wait(0)) {
      const before = found.size
      for (let index = 0; index < count * 3; index += 3) {
        const slot = events[index]!
        const registration = this.#bySlot[slot]
        if (registration === undefined || registration.generation !== events[index + 1]) continue
        const mask = events[index + 2]! & registration.events
        if (mask !== 0) found.set(slot, [keyOf(registration), mask])
      }
      if (found.size === before) break
    }
    return [...found.values()]
  }

  #find(file: FdLike): Registration | undefined {
    for (const registration of this.#byFd.values()) if (registration.fileobj === file) return registration
    try {
      return this.#byFd.get(descriptorOf(file))
    } catch {
      return undefined
    }
  }

  #registered(file: FdLike): Registration {
    const registration = typeof file === 'number' ? this.#byFd.get(descriptorOf(file)) : this.#find(file)
    if (registration === undefined) throw new RangeError(`${inspect(file, { depth: 0 })} is not registered`)
    return registration
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new LoopError('The selector is closed', 'ERR_LOOP_CLOSED')
  }

  #mustBeUsable(): void {
    this.#mustBeOpen()
    if (this.#loop === null) return
    throw new LoopError(
      'The selector belongs to an event loop: use loop.addReader() and loop.addWriter(), or a selector of its own',
      'ERR_LOOP_STATE',
    )
  }
}

function keyOf({ fileobj, fd, events, data }: Registration): SelectorKey {
  return { fileobj, fd, events, data }
}

function checkEvents(events: unknown): void {
  if (typeof events !== 'number') throw new TypeError(`events must be a number, not ${inspect(events)}`)
  if (!Number.isInteger(events) || events < 1 || (events & ~(EVENT_READ | EVENT_WRITE)) !== 0) {
    throw new RangeError(`events must be EVENT_READ, EVENT_WRITE or both, not ${events}`)
  }
}

function checkTimeout(timeout: unknown): number {
  if (typeof timeout !== 'number')
    throw new TypeError(`timeout must be a number of milliseconds or null, not ${inspect(timeout)}`)
  if (Number.isNaN(timeout)) throw new RangeError('Invalid timeout: NaN (not a number)')
  return Math.max(0, timeout)
}

function isInterruption(result: number): boolean {
  return systemError(result, 'wait').code === 'EINTR'
}
