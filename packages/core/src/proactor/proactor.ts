import { inspect } from 'node:util'
import {
  COMPLETION_GENERATION,
  COMPLETION_LENGTH,
  COMPLETION_RESULT,
  COMPLETION_SLOT,
  type NativeProactor,
  PENDING,
  type ProactorName,
} from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { LoopError, systemError } from '../errors/index.js'
import type { Driver } from '../loop/driver.js'
import type { EventLoop } from '../loop/event_loop.js'
import { Socket } from '../sockets/socket.js'
import type { TransportFile } from '../transports/descriptor_transport.js'
import type { Operation } from './operation.js'

/** Begins one operation: its result, or PENDING. */
export type Begin = (native: NativeProactor, slot: number, generation: number) => number

/**
 * Carries operations out and tells when they are done. Made by itself, or given to a `ProactorEventLoop`, which then is the
 * only one to use it.
 */
export abstract class Proactor {
  /** The mechanism's name, as in `LOOP_BACKEND`. */
  readonly name: ProactorName
  /** @internal */ readonly _native: NativeProactor
  readonly #operations: (Operation | undefined)[] = []
  readonly #free: number[] = []
  #generation = 0
  #loop: EventLoop | null = null
  #closed = false

  protected constructor(name: ProactorName, native: NativeProactor) {
    this.name = name
    this._native = native
  }

  /** @internal what waits for it beside the host's loop */
  abstract _newDriver(): Driver

  /** Frees what it holds: operations under way are cancelled. Idempotent. The loop that it was given to closes it. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this._native.close()
  }

  /** Disposing a proactor closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal it is `loop`'s from now on */
  _give(loop: EventLoop): void {
    this.#loop = loop
  }

  /** @internal @throws LoopError unless it is open and nobody's */
  _mustBeFree(): void {
    if (this.#closed) throw new LoopError(`This ${this.name} proactor is closed`, 'ERR_LOOP_STATE')
    if (this.#loop !== null) throw new LoopError(`This ${this.name} proactor belongs to another loop`, 'ERR_LOOP_STATE')
  }

  /** @internal binds a socket, or the handle of another file, to this proactor; throws where it belongs to another loop */
  _associate(file: TransportFile): void {
    if (file instanceof Socket && file._proactor === this) return
    const result = this._native.associate(file.fileno())
    if (result === -errno.EINVAL) {
      throw new LoopError(
        `${inspect(file, { depth: 0 })} cannot have operations of this loop: another loop has used it, which then keeps it for good, or it was not opened for overlapped operation`,
        'ERR_LOOP_STATE',
      )
    }
    if (result < 0) throw systemError(result, 'CreateIoCompletionPort')
    if (file instanceof Socket) file._proactor = this
  }

  /** @internal begins `operation`, which is not busy; what came of it at once, or PENDING, is its owner's to deal with */
  _try(operation: Operation, begin: Begin): number {
    const slot = this.#free.pop() ?? this.#operations.length
    this.#operations[slot] = operation
    this.#generation = (this.#generation + 1) | 0
    operation._begin(slot, this.#generation)
    const result = begin(this._native, slot, this.#generation)
    if (result !== PENDING) this.#settle(operation, result)
    return result
  }

  /** @internal begins `operation`, which is not busy, and has it called back */
  _begin(operation: Operation, begin: Begin): void {
    const result = this._try(operation, begin)
    if (result !== PENDING) operation._complete(result)
  }

  /** @internal how many operations have not come back, or hold bytes that were not taken */
  get _underWay(): number {
    return this.#operations.length - this.#free.length
  }

  /** @internal asks for an early end; it is called back all the same */
  _cancel(operation: Operation): void {
    if (operation._slot !== -1) this._native.cancel(operation._slot, operation._generation)
  }

  /** @internal the first `length` bytes that a finished operation brought go to a part of `buffer`, the others are dropped */
  _take(operation: Operation, buffer: Uint8Array, offset: number, length: number): void {
    this._native.take(operation._slot, buffer, offset, length)
    this.#release(operation)
  }

  /** @internal `count` completions were collected */
  _collected(count: number): void {
    const { completions } = this._native
    for (let at = 0; at < count * COMPLETION_LENGTH; at += COMPLETION_LENGTH) {
      const operation = this.#operations[completions[at + COMPLETION_SLOT]!]
      if (operation === undefined || operation._generation !== completions[at + COMPLETION_GENERATION]) continue
      const result = completions[at + COMPLETION_RESULT]!
      this.#settle(operation, result)
      operation._complete(result)
    }
  }

  /** The slot of what brought bytes stays until they are taken. */
  #settle(operation: Operation, result: number): void {
    if (!operation._brings || result <= 0) this.#release(operation)
  }

  #release(operation: Operation): void {
    const slot = operation._slot
    if (slot === -1) return
    operation._slot = -1
    this.#operations[slot] = undefined
    this.#free.push(slot)
  }
}
