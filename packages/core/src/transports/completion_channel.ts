import type { NativeProactor } from '../backend/contract.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { Operation } from '../proactor/operation.js'
import { Socket } from '../sockets/socket.js'
import { CompletionInbox } from './completion_inbox.js'
import type { StreamChannel } from './stream_channel.js'
import type { AnyStreamTransport } from './stream_transport.js'
import type { WriteQueue } from './write_queue.js'

/** What one write takes of the queue: the system keeps a copy of it until it has left. */
const mostInFlight = 1024 * 1024

/**
 * One read under way, so that bytes come in order, and one write. What comes while nobody wants to read is kept until
 * somebody does; what is written while a write is under way leaves together after it.
 */
export class CompletionChannel implements StreamChannel {
  readonly #loop: ProactorEventLoop
  readonly #transport: AnyStreamTransport
  readonly #isSocket: boolean
  readonly #inbox = new CompletionInbox()
  #reading: Operation | null = null
  #writing: Operation | null = null
  #isWanted = false
  #held: Buffer | number | null = null

  constructor(loop: ProactorEventLoop, transport: AnyStreamTransport) {
    this.#loop = loop
    this.#transport = transport
    this.#isSocket = transport._sock instanceof Socket
  }

  /** @throws what the system answers to a descriptor that cannot have operations */
  #operation(done: () => void, brings: boolean): Operation {
    this.#loop._proactor._associate(this.#transport._sock)
    return new Operation(this.#loop, done, brings)
  }

  // ---- reading

  startReading(): void {
    this.#isWanted = true
    if (this.#held !== null) this.#loop.callSoon(deliverHeld, this)
    else this.#read()
  }

  stopReading(): void {
    this.#isWanted = false
    // Of a transport that only pauses the read goes on: what it brings is wanted later.
    if (this.#transport._closing && this.#reading !== null) this.#loop._proactor._cancel(this.#reading)
  }

  #read(): void {
    this.#reading ??= this.#operation(() => this.#arrived(), true)
    if (!this.#reading.busy) this.#loop._proactor._begin(this.#reading, this.#beginRead)
  }

  /** A read is under way, and what came before it was delivered. */
  get isWaiting(): boolean {
    return this.#held === null && this.#reading !== null && this.#reading.busy && !this.#reading.arrived
  }

  readonly #beginRead = (native: NativeProactor, slot: number, generation: number): number => {
    const { _fd: fd } = this.#transport
    const { size } = this.#inbox
    return this.#isSocket ? native.recv(fd, slot, generation, size) : native.read(fd, slot, generation, size)
  }

  #arrived(): void {
    const operation = this.#reading!
    const received = operation.result > 0 ? this.#inbox.takeFrom(this.#loop._proactor, operation) : operation.result
    if (this.#transport._closing) return
    if (this.#isWanted) this.#deliver(received)
    else this.#held = received
  }

  /** @internal */
  _deliverHeld(): void {
    const held = this.#held
    if (held === null || !this.#isWanted) return
    this.#held = null
    this.#deliver(held)
  }

  #deliver(received: Buffer | number): void {
    this.#transport._received(received)
    if (this.#isWanted && typeof received !== 'number') this.#read()
  }

  // ---- writing

  startWriting(): void {
    this.#writing ??= this.#operation(() => this.#sent(), false)
    if (!this.#writing.busy) this.#loop._proactor._begin(this.#writing, this.#beginWrite)
  }

  stopWriting(): void {
    if (this.#writing !== null) this.#loop._proactor._cancel(this.#writing)
  }

  readonly #beginWrite = (native: NativeProactor, slot: number, generation: number): number => {
    const { _fd: fd, _queue: queue } = this.#transport
    return (queue as WriteQueue).transmit((chunks, from, offset) =>
      this.#isSocket
        ? native.send(fd, slot, generation, chunks, from, offset, mostInFlight)
        : native.write(fd, slot, generation, chunks, from, offset, mostInFlight),
    )
  }

  #sent(): void {
    const transport = this.#transport
    if (transport._connLost !== 0) return
    const { result } = this.#writing!
    const queue = transport._queue as WriteQueue
    if (result > 0) queue.sent(result)
    transport._written(result)
    if (queue.size > 0 && transport._connLost === 0) this.startWriting()
  }
}

function deliverHeld(channel: CompletionChannel): void {
  channel._deliverHeld()
}
