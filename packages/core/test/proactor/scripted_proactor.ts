import { COMPLETION_LENGTH, type NativeProactor, PENDING } from '../../src/backend/contract.js'
import { errno } from '../../src/errors/errno.js'
import { ChainedDriver, type Waiting } from '../../src/loop/chained_driver.js'
import { monotonic } from '../../src/loop/clock.js'
import { Proactor } from '../../src/proactor/proactor.js'

/** An operation that was begun: the test says when it is done, and what came of it. */
export interface Begun {
  readonly kind: string
  readonly slot: number
  readonly generation: number
  /** What was to be sent. */
  readonly bytes: Buffer
  cancelled: boolean
}

/** Carries nothing out: a test completes its operations by hand. */
class ScriptedNative implements NativeProactor {
  readonly completions = new Int32Array(64 * COMPLETION_LENGTH)
  readonly begun: Begun[] = []
  /** Every operation by its kind, in order. */
  readonly log: string[] = []
  /** What the next operations of a kind give at once. */
  readonly answers: Record<string, number[]> = {}
  readonly #done: number[][] = []
  readonly #brought = new Map<number, Buffer>()
  ready: () => void = () => {}
  closed = 0

  get hasDone(): boolean {
    return this.#done.length > 0
  }

  /** The operation of this kind that is under way. */
  one(kind: string): Begun {
    const found = this.begun.filter((begun) => begun.kind === kind)
    if (found.length !== 1) throw new Error(`${found.length} operations ${kind} are under way`)
    return found[0]!
  }

  count(kind: string): number {
    return this.begun.filter((begun) => begun.kind === kind).length
  }

  complete(begun: Begun, result: number | string): void {
    this.begun.splice(this.begun.indexOf(begun), 1)
    if (typeof result === 'string') {
      this.#brought.set(begun.slot, Buffer.from(result))
      this.#done.push([begun.slot, begun.generation, result.length])
    } else this.#done.push([begun.slot, begun.generation, result])
    this.ready()
  }

  #begin(kind: string, slot: number, generation: number, bytes = Buffer.alloc(0)): number {
    this.log.push(kind)
    const answer = this.answers[kind]?.shift()
    if (answer !== undefined) return answer
    this.begun.push({ kind, slot, generation, bytes, cancelled: false })
    return PENDING
  }

  wait(): number {
    const done = this.#done.splice(0, 64)
    this.completions.set(done.flat())
    return done.length
  }

  wake(): void {}
  close(): void {
    this.closed++
  }
  associate(): number {
    return 0
  }
  recv(_: number, slot: number, generation: number): number {
    return this.#begin('recv', slot, generation)
  }
  send(
    _: number,
    slot: number,
    generation: number,
    buffers: readonly Uint8Array[],
    from: number,
    offset: number,
    limit: number,
  ): number {
    const bytes = Buffer.concat(buffers.slice(from)).subarray(offset).subarray(0, limit)
    return this.#begin('send', slot, generation, bytes)
  }
  accept(_: number, slot: number, generation: number): number {
    return this.#begin('accept', slot, generation)
  }
  connect(_: number, slot: number, generation: number): number {
    return this.#begin('connect', slot, generation)
  }
  transmitFile(_: number, slot: number, generation: number): number {
    return this.#begin('transmitFile', slot, generation)
  }
  read(_: number, slot: number, generation: number): number {
    return this.#begin('read', slot, generation)
  }
  write(_: number, slot: number, generation: number): number {
    return this.#begin('write', slot, generation)
  }
  connectNamedPipe(_: number, slot: number, generation: number): number {
    return this.#begin('connectNamedPipe', slot, generation)
  }
  poll(_: number, slot: number, generation: number): number {
    return this.#begin('poll', slot, generation)
  }
  waitForHandle(_: number, slot: number, generation: number): number {
    return this.#begin('waitForHandle', slot, generation)
  }

  cancel(slot: number, generation: number): number {
    const begun = this.begun.find((each) => each.slot === slot && each.generation === generation)
    if (begun === undefined) return -errno.ENOENT
    begun.cancelled = true
    this.log.push(`cancel ${begun.kind}`)
    this.complete(begun, -errno.ECANCELED)
    return 0
  }

  take(slot: number, buffer: Uint8Array, offset: number, length: number): number {
    const bytes = this.#brought.get(slot)!
    this.#brought.delete(slot)
    return bytes.copy(buffer, offset, 0, length)
  }
}

class ScriptedWaiting implements Waiting {
  readonly name = 'virtual'
  readonly #native: ScriptedNative
  #hold: NodeJS.Timeout | null = null
  armed = false

  constructor(native: ScriptedNative) {
    this.#native = native
  }
  now(): number {
    return monotonic()
  }
  poll(): number {
    return this.#native.wait()
  }
  attach(ready: () => void): void {
    this.#native.ready = () => {
      if (!this.armed) return
      this.armed = false
      setImmediate(ready)
    }
  }
  arm(deadline: number): void {
    this.armed = true
    if (this.#native.hasDone) this.#native.ready()
    else if (Number.isFinite(deadline)) setTimeout(() => this.#native.ready(), Math.max(0, deadline - this.now()))
  }
  disarm(): void {
    this.#native.ready()
  }
  hold(on: boolean): void {
    if (this.#hold !== null) clearInterval(this.#hold)
    this.#hold = on ? setInterval(() => {}, 0x7fffffff) : null
  }
  close(): void {
    this.hold(false)
  }
}

export class ScriptedProactor extends Proactor {
  readonly native: ScriptedNative

  constructor() {
    const native = new ScriptedNative()
    super('iocp', native)
    this.native = native
  }

  override _newDriver(): ChainedDriver {
    return new ChainedDriver(new ScriptedWaiting(this.native))
  }
}
