import { EVENT_READ, EVENT_WRITE, type NativePoller } from '../backend/contract.js'
import type { Handle } from './handle.js'

/** One watched descriptor of a loop. */
export interface Registration {
  readonly fd: number
  readonly generation: number
  reader: Handle | null
  writer: Handle | null
}

/**
 * Who waits for which descriptor. Reader and writer of a descriptor share one registration with the poller, as the
 * kernel has it. The slot is the descriptor's number; the generation tells its owners apart when the number is reused.
 */
export class DescriptorRegistry {
  readonly #poller: NativePoller
  readonly #registrations: (Registration | undefined)[] = []
  #generation = 0

  constructor(poller: NativePoller) {
    this.#poller = poller
  }

  get(fd: number): Registration | undefined {
    return this.#registrations[fd]
  }

  /** The live registration of an event, or undefined if it was collected for a former owner of the number. */
  match(slot: number, generation: number): Registration | undefined {
    const registration = this.#registrations[slot]
    return registration !== undefined && registration.generation === generation ? registration : undefined
  }

  *[Symbol.iterator](): Generator<Registration> {
    for (const registration of this.#registrations) if (registration !== undefined) yield registration
  }

  /** Sets one half; the handle that stood there is cancelled. 0, or the poller's -errno (then nothing changed). */
  set(fd: number, half: 'reader' | 'writer', handle: Handle): number {
    const registration = this.#registrations[fd]
    if (registration === undefined) return this.#add(fd, half, handle)
    const other = half === 'reader' ? registration.writer : registration.reader
    const events = other === null ? bitOf(half) : EVENT_READ | EVENT_WRITE
    // Also where the events stay as they are: only the poller can tell that the descriptor was closed while it was
    // watched, and its number given to another file.
    if (this.#poller.modify(fd, fd, registration.generation, events) < 0) {
      this.drop(fd)
      return this.#add(fd, half, handle)
    }
    registration[half]?.cancel()
    registration[half] = handle
    return 0
  }

  /** Takes one half away and cancels its handle; false if there was none. */
  clear(fd: number, half: 'reader' | 'writer'): boolean {
    const registration = this.#registrations[fd]
    const handle = registration?.[half] ?? null
    if (registration === undefined || handle === null) return false
    handle.cancel()
    registration[half] = null
    const rest = registration.reader !== null ? EVENT_READ : registration.writer !== null ? EVENT_WRITE : 0
    if (rest === 0) {
      this.#registrations[fd] = undefined
      this.#poller.remove(fd)
    } else {
      this.#poller.modify(fd, fd, registration.generation, rest)
    }
    return true
  }

  /** Takes both halves away. */
  drop(fd: number): void {
    const registration = this.#registrations[fd]
    if (registration === undefined) return
    registration.reader?.cancel()
    registration.writer?.cancel()
    this.#registrations[fd] = undefined
    this.#poller.remove(fd)
  }

  #add(fd: number, half: 'reader' | 'writer', handle: Handle): number {
    this.#generation = (this.#generation + 1) | 0
    const result = this.#poller.add(fd, fd, this.#generation, bitOf(half))
    if (result < 0) return result
    this.#registrations[fd] = {
      fd,
      generation: this.#generation,
      reader: half === 'reader' ? handle : null,
      writer: half === 'writer' ? handle : null,
    }
    return 0
  }
}

function bitOf(half: 'reader' | 'writer'): number {
  return half === 'reader' ? EVENT_READ : EVENT_WRITE
}
