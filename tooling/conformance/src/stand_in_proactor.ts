/**
 * A stand-in for a completion port, for tests on systems without one: it carries operations out by waiting for readiness.
 * With it the suite runs core's half of the completion contract where nothing but epoll is at hand; it ships nowhere, and
 * proves nothing about Windows.
 */
import { readSync } from 'node:fs'
import { constants, Proactor } from '@loop/core'
import type {
  InetAddress,
  NativePoller,
  NativeProactor,
  SelectorBackend,
} from '../../../packages/core/dist/backend/contract.js'
import { COMPLETION_LENGTH, EVENT_READ, EVENT_WRITE, PENDING } from '../../../packages/core/dist/backend/contract.js'
import { currentBackend } from '../../../packages/core/dist/backend/load.js'
import { ChainedDriver } from '../../../packages/core/dist/loop/chained_driver.js'
import { ThreadWaiting } from '../../../packages/core/dist/loop/thread_waiting.js'

const mostCompletions = 64
const again = -constants['EAGAIN']!
const canceled = -constants['ECANCELED']!

interface Pending {
  readonly slot: number
  readonly generation: number
  readonly fd: number
  readonly events: number
  readonly attempt: () => number
}

function familyOf(address: InetAddress | string | Uint8Array | null): number {
  if (typeof address !== 'object' || address === null || address instanceof Uint8Array) return constants['AF_UNIX']!
  return constants[address.family === 'IPv6' ? 'AF_INET6' : 'AF_INET']!
}

class ReadinessProactor implements NativeProactor {
  readonly completions = new Int32Array(mostCompletions * COMPLETION_LENGTH)
  readonly poller: NativePoller
  readonly #ops = currentBackend().sockets
  readonly #pending = new Map<number, Pending>()
  readonly #brought = new Map<number, Buffer>()
  readonly #done: [slot: number, generation: number, result: number][] = []
  #closed = false

  constructor() {
    const { pollers } = currentBackend() as SelectorBackend
    this.poller = new (pollers.epoll ?? pollers.kqueue ?? pollers.poll!)()
  }

  get hasDone(): boolean {
    return this.#done.length > 0
  }

  wait(timeout: number): number {
    const count = this.poller.wait(timeout)
    if (count < 0) return count
    for (let at = 0; at < 3 * count; at += 3) {
      const fd = this.poller.events[at]!
      for (const pending of this.#of(fd))
        if ((pending.events & this.poller.events[at + 2]!) !== 0) this.#attempt(pending)
      this.#watch(fd)
    }
    const done = this.#done.splice(0, mostCompletions)
    this.completions.set(done.flat())
    return done.length
  }

  wake(): void {}

  associate(): number {
    return 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.poller.close()
  }

  #of(fd: number): Pending[] {
    return [...this.#pending.values()].filter((pending) => pending.fd === fd)
  }

  #attempt(pending: Pending): void {
    const result = pending.attempt()
    if (result === again) return
    this.#pending.delete(pending.slot)
    this.#done.push([pending.slot, pending.generation, result])
  }

  #watch(fd: number): void {
    const events = this.#of(fd).reduce((mask, pending) => mask | pending.events, 0)
    this.poller.remove(fd)
    if (events !== 0) this.poller.add(fd, fd, 0, events)
  }

  #begin(fd: number, slot: number, generation: number, events: number, attempt: () => number): number {
    const result = attempt()
    if (result !== again) return result
    const added = this.poller.add(fd, fd, 0, events)
    if (added < 0 && added !== -constants['EEXIST']!) return added
    this.#pending.set(slot, { slot, generation, fd, events, attempt })
    this.#watch(fd)
    return PENDING
  }

  recv(fd: number, slot: number, generation: number, size: number): number {
    const memory = Buffer.alloc(size)
    return this.#begin(fd, slot, generation, EVENT_READ, () => {
      const count = this.#ops.recv(fd, memory, 0, size, 0)
      if (count > 0) this.#brought.set(slot, memory)
      return count
    })
  }

  read(fd: number, slot: number, generation: number, size: number): number {
    return this.recv(fd, slot, generation, size)
  }

  send(
    fd: number,
    slot: number,
    generation: number,
    buffers: readonly Uint8Array[],
    from: number,
    offset: number,
    limit: number,
  ): number {
    const bytes = Buffer.concat(buffers.slice(from)).subarray(offset, offset + limit)
    let sent = 0
    return this.#begin(fd, slot, generation, EVENT_WRITE, () => {
      while (sent < bytes.length) {
        const result = this.#ops.send(fd, bytes, sent, bytes.length - sent, 0)
        if (result < 0) return result
        sent += result
      }
      return sent
    })
  }

  write(
    fd: number,
    slot: number,
    generation: number,
    buffers: readonly Uint8Array[],
    from: number,
    offset: number,
    limit: number,
  ): number {
    return this.send(fd, slot, generation, buffers, from, offset, limit)
  }

  accept(fd: number, slot: number, generation: number, _family: number): number {
    return this.#begin(fd, slot, generation, EVENT_READ, () => this.#ops.accept(fd))
  }

  connect(fd: number, slot: number, generation: number, packed: Uint8Array): number {
    const address = this.#ops.unpackAddress(packed, 0, packed.length) as InetAddress
    let begun = false
    return this.#begin(fd, slot, generation, EVENT_WRITE, () => {
      if (!begun) {
        begun = true
        const result = this.#ops.connect(fd, familyOf(address), address)
        return result === -constants['EINPROGRESS']! ? again : result
      }
      const error = new Uint8Array(4)
      this.#ops.getsockopt(fd, constants['SOL_SOCKET']!, constants['SO_ERROR']!, error)
      return -new Int32Array(error.buffer)[0]!
    })
  }

  transmitFile(fd: number, slot: number, generation: number, file: number, offset: number, count: number): number {
    const memory = Buffer.alloc(count)
    const size = readSync(file, memory, 0, count, offset)
    return this.send(fd, slot, generation, [memory.subarray(0, size)], 0, 0, size)
  }

  connectNamedPipe(): number {
    return -constants['ENOSYS']!
  }

  poll(fd: number, slot: number, generation: number, events: number): number {
    let first = true
    return this.#begin(fd, slot, generation, events, () => {
      if (!first) return events
      first = false
      return again
    })
  }

  waitForHandle(): number {
    return -constants['ENOSYS']!
  }

  cancel(slot: number, generation: number): number {
    const pending = this.#pending.get(slot)
    if (pending?.generation !== generation) return -constants['ENOENT']!
    this.#pending.delete(slot)
    this.#watch(pending.fd)
    this.#done.push([slot, generation, canceled])
    return 0
  }

  take(slot: number, buffer: Uint8Array, offset: number, length: number): number {
    const bytes = this.#brought.get(slot)!
    this.#brought.delete(slot)
    return bytes.copy(buffer, offset, 0, length)
  }
}

/** Waits for the poller in a thread; what is done already is told at once. */
class StandInWaiting extends ThreadWaiting {
  readonly #native: ReadinessProactor
  #ready: () => void = () => {}

  constructor(native: ReadinessProactor) {
    super(native.poller, currentBackend().drivers.WaiterThread)
    this.#native = native
  }

  override poll(): number {
    return this.#native.wait(0)
  }

  override attach(ready: () => void): void {
    this.#ready = ready
    super.attach(ready)
  }

  override arm(deadline: number): void {
    if (this.#native.hasDone) setImmediate(this.#ready)
    else super.arm(deadline)
  }
}

/** See the top of this file. */
export class StandInProactor extends Proactor {
  constructor() {
    super('iocp', new ReadinessProactor())
  }

  /** @internal */
  override _newDriver(): ChainedDriver {
    return new ChainedDriver(new StandInWaiting(this._native as ReadinessProactor))
  }
}
